package eval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"frontdesk/kb/eval"
	"frontdesk/kb/rank"
)

const articles = `{"doc":"parking","title":"Parking","answer":"Free parking behind the building."}
{"doc":"hours","title":"Opening hours","answer":"We are open from 8:00 to 17:00."}
not json
{"title":"no doc"}
{"doc":"price","title":"Price list","answer":"Cleaning 50 USD.","unknown":1}
`

const questions = `{"q":"1","text":"do you have parking?","gold":["parking"]}
{"q":"2","text":"what is the capital of france","gold":[]}
{"q":"3","text":"when are you open","gold":["price"]}
{"q":"4","text":"price of a cleaning"}
{"q":"5"
{"q":"6","gold":[]}

{"id":"7","text":"opening hours please","gold":["hours"]}
`

func corpus(t *testing.T) *eval.Corpus {
	t.Helper()
	var bad []int
	docs, arts, err := eval.ReadArticles(strings.NewReader(articles), func(n int, _ error) { bad = append(bad, n) })
	if err != nil {
		t.Fatal(err)
	}
	if len(docs) != 3 || len(bad) != 2 || bad[0] != 3 || bad[1] != 4 {
		t.Fatalf("read %v, left out lines %v, want three articles and lines 3 and 4 left out", docs, bad)
	}
	return &eval.Corpus{Docs: docs, Model: rank.Train(context.Background(), arts, rank.Options{})}
}

func TestALineOutForEachLineIn(t *testing.T) {
	c := corpus(t)
	qs, err := eval.ReadQuestions(strings.NewReader(questions))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	tally := eval.NewTally(rank.Threshold)
	if err := c.Ask(t.Context(), qs, func(o eval.Outcome) error {
		tally.Add(o)
		return c.WriteLine(&out, o, tally.Declined(o))
	}); err != nil {
		t.Fatal(err)
	}
	want := []struct {
		id, first string
		declined  bool
		failed    bool
	}{
		{"1", "parking", false, false}, {"2", "", true, false}, {"3", "hours", false, false}, {"4", "price", false, false},
		{"line-5", "", false, true}, {"6", "", false, true}, {"7", "hours", false, false},
	}
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(got), len(want), out.String())
	}
	for i, w := range want {
		var l struct {
			ID       string
			Ranked   []struct{ Doc string }
			Declined bool
			Error    string
		}
		if err := json.Unmarshal([]byte(got[i]), &l); err != nil {
			t.Fatal(err)
		}
		if l.ID != w.id || (l.Error != "") != w.failed || l.Declined != w.declined || w.first != "" && l.Ranked[0].Doc != w.first {
			t.Errorf("line %d = %s, want %+v", i+1, got[i], w)
		}
	}
	r := tally.Report()
	if r.Queries != 4 || r.InScope != 3 || r.OutOfScope != 1 || r.OutRecall != 1 || math.Abs(r.Recall1-2.0/3) > 1e-9 || math.Abs(r.Overall-0.75) > 1e-9 {
		t.Errorf("report %+v, want 4 counted, 3 in scope of which 2 right, 1 declined", r)
	}
}

func TestAskStopsWhenTheReaderDoes(t *testing.T) {
	c := corpus(t)
	stop := errors.New("enough")
	qs := make([]eval.Question, 100)
	n := 0
	err := c.Ask(t.Context(), qs, func(eval.Outcome) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("error %v after %d outcomes, want the reader's after 1", err, n)
	}
}

func TestBestThreshold(t *testing.T) {
	c := corpus(t)
	ask := func(text string) []eval.Outcome {
		qs, err := eval.ReadQuestions(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var out []eval.Outcome
		if err := c.Ask(t.Context(), qs, func(o eval.Outcome) error { out = append(out, o); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	in := `{"q":"a","text":"do you have parking","gold":["parking"]}` + "\n"
	off := `{"q":"b","text":"is it raining in paris","gold":[]}` + "\n"
	both := ask(in + off)
	if th := eval.Best(both); th <= both[1].Confidence || th >= both[0].Confidence {
		t.Errorf("threshold %v, want it between %v and %v", th, both[1].Confidence, both[0].Confidence)
	}
	if only := ask(in); eval.Best(only) >= only[0].Confidence {
		t.Error("a threshold that declines the only right answer")
	}
	if only := ask(off); eval.Best(only) <= only[0].Confidence {
		t.Error("a threshold that answers the only question out of scope")
	}
	if th := eval.Best(nil); th != rank.Threshold {
		t.Errorf("threshold %v without questions, want the built-in one", th)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(articles)
	f.Add(questions)
	f.Add("\ufeff{}\n\x00\n[]")
	f.Fuzz(func(t *testing.T, s string) {
		qs, err := eval.ReadQuestions(strings.NewReader(s))
		for _, q := range qs {
			if q.ID == "" {
				t.Error("a question without id")
			}
		}
		_, _, err2 := eval.ReadArticles(strings.NewReader(s), func(int, error) {})
		if (err == nil) != (err2 == nil) {
			t.Errorf("one reader failed: %v, %v", err, err2)
		}
	})
}
