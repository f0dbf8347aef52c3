package dialogue

import (
	"strings"
	"testing"
	"time"
)

var languages = []string{"en", "es", "pt", "fr", "de", "it"}

// FuzzParseAnswer holds that the id of a button, whoever made it up, is read
// back as it was written or is none of ours.
func FuzzParseAnswer(f *testing.F) {
	for _, id := range []string{"confirm.apt_01K.1", "move.apt_01K.22", "cancel.apt_.0", "take.wai_01K.2", "take.wai_01K", "pass.", "confirm.apt_a.b.1", "confirm.apt_01K.-1", "cancel.con_1.1", "yes.1"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		a, ok := parseAnswer(id)
		if !ok {
			return
		}
		again, ok := parseAnswer(a.ID())
		if !ok || again != a {
			t.Errorf("%q is %+v, which is written as %q and read as %+v", id, a, a.ID(), again)
		}
	})
}

func TestAnswersAreReadAsTheyAreWritten(t *testing.T) {
	for _, n := range []Notice{{Appointment: "apt_01K", Version: 3}, {Wait: "wai_01K", Offer: 2}} {
		for _, a := range n.answers() {
			if got, ok := parseAnswer(a.ID()); !ok || got != a {
				t.Errorf("%+v is read as %+v, %v", a, got, ok)
			}
		}
	}
	for _, id := range []string{"", "confirm.", "confirm.apt_1", "confirm.apt_1.0", "confirm.apt_1.x", "confirm.con_1.1", "take.apt_1.1", "take.wai_1", "pass.wai_1.0", "option.1.1"} {
		if a, ok := parseAnswer(id); ok {
			t.Errorf("%q is read as %+v", id, a)
		}
	}
}

// TestNoticesFitIntoAMessage holds that each language has the words, that
// nothing is left unfilled, and that buttons are as short as WhatsApp takes.
func TestNoticesFitIntoAMessage(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC) // 01:30, for the second time on this day
	catalogue := Catalogue{Services: []Service{{ID: "svc_1", Name: "Cleaning"}}, Staff: []Person{{ID: "stf_1", Name: "Ana"}}}
	for _, lang := range languages {
		v := Voice{Language: lang, Zone: zone, Business: "Casa Maya", Catalogue: catalogue}
		for _, n := range []Notice{{Appointment: "apt_1", Version: 1, Service: "svc_1", Staff: "stf_1", Start: start}, {Wait: "wai_1", Offer: 1, Service: "svc_1", Start: start}} {
			text, menu := Compose(v, n, "")
			for _, part := range []string{"Casa Maya", "Cleaning", "2026", "America/New_York"} {
				if !strings.Contains(text, part) {
					t.Errorf("%s: %q does not say %q", lang, text, part)
				}
			}
			if strings.Contains(text, "{") || len(text) > longestBody {
				t.Errorf("%s: %q", lang, text)
			}
			for _, b := range menu.Buttons {
				if n := len([]rune(b.Title)); n == 0 || n > longestButton {
					t.Errorf("%s: the button %q has %d characters", lang, b.Title, n)
				}
			}
			if _, when, buttons := Fill(v, n); !strings.Contains(when, "America/New_York") || len(buttons) != len(menu.Buttons) {
				t.Errorf("%s: a template is filled with %q and %v", lang, when, buttons)
			}
		}
		if n := len([]rune(sayTellMe[lang])); n == 0 || n > longestRow {
			t.Errorf("%s: %q has %d characters", lang, sayTellMe[lang], n)
		}
	}
	for _, what := range []sentence{sayConfirmed, sayNowAt, sayMoveOrCancel, sayOfferGone, sayOfferNow, sayWaiting, sayWaitLimit, sayWaitOn, sayWaitOver, sayOrWait} {
		for _, lang := range languages {
			if what[lang] == "" {
				t.Errorf("%q is not written in %s", what["en"], lang)
			}
		}
	}
}

func TestABareWordIsSaidToTheLastQuestion(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	n := Notice{Appointment: "apt_1", Version: 1, Start: at.Add(24 * time.Hour), At: at}
	for name, tt := range map[string]struct {
		draft Draft
		want  bool
	}{
		"nothing else is open":              {Draft{}, true},
		"a question of before":              {Draft{Task: Book, Asked: AskedConfirm, At: at.Add(-time.Hour)}, true},
		"a question that was asked since":   {Draft{Task: Book, Asked: AskedConfirm, At: at.Add(time.Minute)}, false},
		"a question that is long forgotten": {Draft{Task: Book, Asked: AskedConfirm, At: at.Add(-48 * time.Hour)}, true},
	} {
		d := tt.draft
		if d.At.After(at) {
			d.Notice = &n
		} else {
			d = d.Noticed(n, "Will you come?")
		}
		if got := d.noticed(); got != tt.want {
			t.Errorf("%s: a bare word is said to the notice: %v, want %v", name, got, tt.want)
		}
	}
	if d := (Draft{Notice: &n, At: at}).at(n.Start); d.Notice != nil {
		t.Error("a notice outlives what it is of")
	}
	if d := (Draft{Notice: &n, At: at.Add(-25 * time.Hour)}).at(at); d.Notice == nil {
		t.Error("a notice is forgotten with the question before it")
	}
}
