package when_test

import (
	"strings"
	"testing"
	"time"

	"frontdesk/agent/language/when"
)

// BenchmarkRead reads messages of the kinds that come most, and one as long as
// is ever read.
func BenchmarkRead(b *testing.B) {
	texts := []struct{ name, lang, text, previous string }{
		{"none", "en", "Thanks a lot, that is very kind of you. Do you take cards?", ""},
		{"day and clock", "en", "Hi, could you fit me in on Friday at half past 4? Just a cleaning.", "Hello, how can I help?"},
		{"bare number", "en", "4 please", "What time would you like to come on Friday?"},
		{"spanish", "es", "Hola, ¿tienen algo pasado mañana a las 3 y media de la tarde?", ""},
		{"german", "de", "Geht auch übermorgen um halb drei oder Donnerstag zwischen 14 und 16 Uhr?", ""},
		{"two choices", "en", "next Tues or Wed morning, not before 9 and not on the 5th", ""},
		{"8 KiB", "en", strings.Repeat("on Friday at 4 or the 10th to 12th of May, ", 190), ""},
	}
	now := time.Date(2026, 3, 2, 15, 15, 0, 0, time.UTC)
	for _, t := range texts {
		b.Run(t.name, func(b *testing.B) {
			b.ReportAllocs()
			ref := when.Reference{Now: now, Language: t.lang, Previous: t.previous}
			for b.Loop() {
				when.Read(t.text, ref)
			}
		})
	}
}
