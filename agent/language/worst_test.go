package language_test

import (
	"strings"
	"testing"
	"time"

	"frontdesk/agent/language"
)

// A text of nothing but beginnings of phrases or of names is read in bounded
// time, and twice as much of it takes about twice as long.
func TestWorstTexts(t *testing.T) {
	t.Parallel()
	names := make([]string, 200)
	for i := range names {
		names[i] = strings.Repeat("anna", i%5+1) + " marta lopez"
	}
	index := language.NewIndex(names)
	for _, unit := range []string{
		"ignore ", "ignore forget you act pretend new reveal show ", "to i can could get someone ", "a", "mit sprechen ", "' ", "é",
		"my booking to and i we can ", "change my need want ", "i want to have a an the ", "do does have is are any room table ", "quiero una la cita para ", "termin haben gibt kann ",
		"annamarta annaannb marto ", "marta ", "1. ", "no ",
	} {
		text := strings.Repeat(unit, 100_000/len(unit))
		began := time.Now()
		language.Read(text, language.Hints{Staff: index, Previous: text})
		if took := time.Since(began); took > time.Second {
			t.Errorf("%q repeated took %v", unit, took)
		} else {
			t.Logf("%q %v", unit, took)
		}
	}
}

// The longest text that is read is read in proportion to its length.
func TestReadingIsLinear(t *testing.T) {
	t.Parallel()
	least := func(words int) time.Duration {
		text := strings.Repeat("can i have my booking moved to ", words)
		best := time.Hour
		for range 20 {
			began := time.Now()
			language.Read(text, language.Hints{Language: "en"})
			best = min(best, time.Since(began))
		}
		return best
	}
	if short, long := least(25), least(200); long > 24*short {
		t.Errorf("eight times the text took %v instead of %v", long, short)
	}
}
