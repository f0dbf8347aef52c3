package when_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/agent/language/when"
)

// now is a Monday afternoon.
var now = time.Date(2026, 3, 2, 15, 15, 0, 0, time.UTC)

func TestRead(t *testing.T) {
	for _, c := range cases {
		t.Run(c.lang+" "+c.text, func(t *testing.T) {
			got := say(when.Read(c.text, when.Reference{Now: now, Language: c.lang, Previous: c.previous}))
			if got != c.want {
				t.Errorf("after %q, %q is read as\n%s\nwant (%s)\n%s", c.previous, c.text, got, c.rule, c.want)
			}
		})
	}
}

func TestValues(t *testing.T) {
	tests := []struct{ rule, text, want string }{
		{"days and clock times in their order", "Friday at 4 or Thursday", "2026-03-06 16:00 2026-03-05"},
		{"each once", "Friday at 4 or Friday at 5", "2026-03-06 16:00 17:00"},
		{"both ends of a range", "tomorrow between 9 and 11", "2026-03-03 09:00 11:00"},
		{"of a vague part of a day, the day", "tomorrow night", "2026-03-03"},
		{"no part of the day alone", "in the afternoon", ""},
		{"no week, no month", "next week or in May", ""},
		{"nothing that is taken back", "not Friday at 4, Thursday at 5", "2026-03-05 17:00"},
		{"nothing that is only reckoned", "tomorrow at 10 for 2 hours", "2026-03-03 10:00"},
		{"no length", "for 3 hours", ""},
		{"nothing of who takes leave", "thanks, see you on Friday", ""},
		{"not now", "I need it right now", ""},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got := strings.Join(when.Values(when.Read(tt.text, when.Reference{Now: now, Language: "en"})), " ")
			if got != tt.want {
				t.Errorf("%q has %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

// say writes mentions shortly: "2026-03-06T16:30", ranges with "..", what is
// taken back with "not", a further choice with "or", what is vague in brackets.
func say(mentions []when.Mention) string {
	var all []string
	for _, m := range mentions {
		text := m.Start.String()
		switch m.Kind {
		case when.Range:
			text += ".." + m.End.String()
		case when.Length:
			text = m.Length.String()
		}
		text = strings.ReplaceAll(text+"|", ":00|", "|")
		text = strings.TrimSuffix(strings.ReplaceAll(text, ":00..", ".."), "|")
		if m.Approximate {
			text = "~" + text
		}
		if m.Vague {
			text = "(" + text + ")"
		}
		if m.Every.N > 0 {
			text = fmt.Sprintf("every %d %s: %s", m.Every.N, m.Every.Unit, text)
		}
		if m.Farewell {
			text = "bye " + text
		}
		if m.Past {
			text = "past " + text
		}
		if m.Or {
			text = "or " + text
		}
		if m.Negated {
			text = "not " + text
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}
