package when_test

import (
	"fmt"
	"testing"

	"frontdesk/agent/language/when"
)

// two are ways to say two times, and what they are.
var two = []struct {
	lang         string
	days, clocks [][2]string
	said         [][2]string
}{
	{"en",
		[][2]string{{"tomorrow", "2026-03-03"}, {"Thursday", "2026-03-05"}, {"the 12th", "2026-03-12"}, {"March 20", "2026-03-20"}, {"April 2nd", "2026-04-02"}, {"May 5", "2026-05-05"}},
		[][2]string{{"at 9am", "09:00"}, {"at 4", "16:00"}, {"at half past 2", "14:30"}, {"at 17:15", "17:15"}, {"at noon", "12:00"}, {"10:30", "10:30"}},
		[][2]string{
			{"from %s %s to %s %s", "%sT%s..%sT%s"},
			{"%s %s until %s %s", "%sT%s..%sT%s"},
			{"%s %s or %s %s", "%sT%s, or %sT%s"},
			{"either %s %s or %s %s would work", "%sT%s, or %sT%s"},
			{"move my appointment from %s %s to %s %s", "not %sT%s, %sT%s"},
			{"not %s %s, %s %s", "not %sT%s, %sT%s"},
			{"%s %s instead of %s %s", "%sT%s, not %sT%s"},
		}},
	{"es",
		[][2]string{{"mañana", "2026-03-03"}, {"el jueves", "2026-03-05"}, {"el 12", "2026-03-12"}, {"el 20 de marzo", "2026-03-20"}, {"el 2 de abril", "2026-04-02"}, {"el 5 de mayo", "2026-05-05"}},
		[][2]string{{"a las 9", "09:00"}, {"a las 4", "16:00"}, {"a las 2 y media", "14:30"}, {"a las 17:15", "17:15"}, {"al mediodía", "12:00"}},
		[][2]string{
			{"desde %s %s hasta %s %s", "%sT%s..%sT%s"},
			{"%s %s o %s %s", "%sT%s, or %sT%s"},
			{"%s %s en vez de %s %s", "%sT%s, not %sT%s"},
			{"no %s %s, mejor %s %s", "not %sT%s, %sT%s"},
		}},
	{"pt",
		[][2]string{{"amanhã", "2026-03-03"}, {"quinta", "2026-03-05"}, {"dia 12", "2026-03-12"}, {"20 de março", "2026-03-20"}},
		[][2]string{{"às 9h", "09:00"}, {"às 16h", "16:00"}, {"às 14h30", "14:30"}, {"ao meio-dia", "12:00"}},
		[][2]string{{"%s %s ou %s %s", "%sT%s, or %sT%s"}, {"%s %s em vez de %s %s", "%sT%s, not %sT%s"}}},
	{"fr",
		[][2]string{{"demain", "2026-03-03"}, {"jeudi", "2026-03-05"}, {"le 12", "2026-03-12"}, {"le 20 mars", "2026-03-20"}},
		[][2]string{{"à 9h", "09:00"}, {"à 16h", "16:00"}, {"à 14h30", "14:30"}, {"à midi", "12:00"}},
		[][2]string{{"%s %s ou %s %s", "%sT%s, or %sT%s"}, {"%s %s au lieu de %s %s", "%sT%s, not %sT%s"}}},
	{"de",
		[][2]string{{"morgen", "2026-03-03"}, {"am Donnerstag", "2026-03-05"}, {"am 12.", "2026-03-12"}, {"am 20. März", "2026-03-20"}},
		[][2]string{{"um 9 Uhr", "09:00"}, {"um 16 Uhr", "16:00"}, {"um 14:30", "14:30"}, {"um 12", "12:00"}},
		[][2]string{{"%s %s oder %s %s", "%sT%s, or %sT%s"}, {"%s %s statt %s %s", "%sT%s, not %sT%s"}, {"von %s %s bis %s %s", "%sT%s..%sT%s"}}},
	{"it",
		[][2]string{{"domani", "2026-03-03"}, {"giovedì", "2026-03-05"}, {"il 12", "2026-03-12"}, {"il 20 marzo", "2026-03-20"}},
		[][2]string{{"alle 9", "09:00"}, {"alle 16", "16:00"}, {"alle 14:30", "14:30"}, {"a mezzogiorno", "12:00"}},
		[][2]string{{"%s %s o %s %s", "%sT%s, or %sT%s"}, {"%s %s invece di %s %s", "%sT%s, not %sT%s"}}},
}

// TestTwo: two days, each with its time, are a range, a choice, or one in place
// of the other, and keep to themselves what was said of each.
func TestTwo(t *testing.T) {
	for _, l := range two {
		for _, s := range l.said {
			for i, from := range l.days {
				for _, to := range l.days[i+1:] {
					for _, a := range l.clocks {
						for _, b := range l.clocks {
							text := fmt.Sprintf(s[0], from[0], a[0], to[0], b[0])
							want := fmt.Sprintf(s[1], from[1], a[1], to[1], b[1])
							if got := say(when.Read(text, when.Reference{Now: now, Language: l.lang})); got != want {
								t.Errorf("%s %q is read as %s, want %s", l.lang, text, got, want)
							}
						}
					}
				}
			}
		}
	}
}
