package language_test

import (
	"strings"
	"testing"
	"time"

	"frontdesk/agent/language"
)

// A text of nothing but beginnings of phrases is read in bounded time.
func TestWorstTexts(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"ignore ", "ignore forget you act pretend new reveal show ", "to i can could get someone ", "a", "mit sprechen ", "' ", "é"} {
		began := time.Now()
		language.Read(strings.Repeat(unit, 100_000/len(unit)), language.Hints{})
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%q repeated took %v", unit, took)
		}
	}
}
