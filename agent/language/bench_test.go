package language_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"frontdesk/agent/language"
	"frontdesk/agent/language/when"
)

// BenchmarkUnderstand reads messages whole: acts, names of ten people and ten
// services, days and clock times. The messages are the customers' of two
// evaluation sets if FRONTDESK_TEST_EVAL names their folder, else a few of our
// own. It reports the median and the slowest of a hundred.
func BenchmarkUnderstand(b *testing.B) {
	texts := benchTexts(b)
	staff := language.NewIndex([]string{"Ana Ramírez", "Luis Paz", "Dr. Marta Núñez", "Will Turner", "Grace Okafor", "Chen Wei", "Priya Nair", "Tom Baker", "Sofía Cruz", "Jean Dupont"})
	services := language.NewServiceIndex([]string{"Cleaning", "Deep Whitening", "Root Canal", "Cut & Color", "Beard Trim", "Massage", "Consultation", "Check-up", "Manicure", "Filling"})
	now := time.Date(2026, 3, 2, 15, 15, 0, 0, time.UTC)
	previous := "What day and time would you like?"
	took := make([]time.Duration, 0, 1<<16)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		text := texts[i%len(texts)]
		began := time.Now()
		r := language.Read(text, language.Hints{Among: []string{"en", "es"}, Previous: previous, Staff: staff, Services: services})
		when.Read(text, when.Reference{Now: now, Language: r.Language, Previous: previous})
		if len(took) < cap(took) {
			took = append(took, time.Since(began))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "ns-median")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "ns-p99")
}

func benchTexts(b *testing.B) []string {
	b.Helper()
	root := os.Getenv("FRONTDESK_TEST_EVAL")
	if root == "" {
		return []string{
			"Hi there, I was wondering whether you have parking near the entrance, and what time do you open on Saturday?",
			"Could Ana fit me in on Friday at half past 4? Just a cleening", "yes, the second one please", "I need to move my appointment to next Tuesday after 5",
		}
	}
	var texts []string
	lines := func(file string, each func([]byte) error) {
		f, err := os.Open(filepath.Join(root, file))
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		scan := bufio.NewScanner(f)
		for scan.Buffer(nil, 1<<20); scan.Scan(); {
			if err := each(scan.Bytes()); err != nil {
				b.Fatal(err)
			}
		}
	}
	lines("booking_nlupp/utterances.dev.jsonl", func(line []byte) error {
		var u struct{ Text string }
		err := json.Unmarshal(line, &u)
		texts = append(texts, u.Text)
		return err
	})
	lines("booking_sgd/dialogues.dev.jsonl", func(line []byte) error {
		var d struct {
			Turns []struct{ Speaker, Text string }
		}
		err := json.Unmarshal(line, &d)
		for _, u := range d.Turns {
			if u.Speaker == "user" {
				texts = append(texts, u.Text)
			}
		}
		return err
	})
	return texts
}
