package written_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"frontdesk/agent/language/written"
)

func TestAt(t *testing.T) {
	belize, err := time.LoadLocation("America/Belize")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 3, 14, 30, 0, 0, belize)
	for language, want := range map[string]string{
		"en": "Tuesday 3 March 2026 at 14:30", "es": "martes 3 de marzo de 2026 a las 14:30", "pt": "terça-feira, 3 de março de 2026, às 14:30",
		"fr": "mardi 3 mars 2026 à 14:30", "de": "Dienstag, 3. März 2026, um 14:30 Uhr", "it": "martedì 3 marzo 2026 alle 14:30",
		"kek": "Tuesday 3 March 2026 at 14:30",
	} {
		if got := written.Of(language).At(at); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
	}
}

func TestTheHourThatComesTwice(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC).In(berlin)
	c := written.Of("de")
	if a, b := c.Clock(first), c.Clock(first.Add(time.Hour)); a != "02:30 CEST" || b != "02:30 CET" {
		t.Errorf("the two are %q and %q", a, b)
	}
	if got := c.Clock(first.Add(2 * time.Hour)); got != "03:30" {
		t.Errorf("the next is %q", got)
	}
}

// A button of WhatsApp has room for 20 characters.
func TestShortFitsAButton(t *testing.T) {
	for _, language := range []string{"en", "es", "pt", "fr", "de", "it"} {
		c := written.Of(language)
		for day := range 366 {
			at := time.Date(2028, 1, 1+day, 14, 30, 0, 0, time.UTC)
			if text := c.Short(at); utf8.RuneCountInString(text) > 20 {
				t.Errorf("%s: %q", language, text)
			}
		}
	}
	if got := written.Of("en").Short(time.Date(2026, 3, 3, 14, 30, 0, 0, time.UTC)); got != "Tue 3 Mar, 14:30" {
		t.Errorf("%q", got)
	}
}
