package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

type answerLine struct {
	ID         string       `json:"id"`
	Ranked     []rankedLine `json:"ranked"`
	Declined   bool         `json:"declined"`
	Confidence float64      `json:"confidence"`
}

type rankedLine struct {
	Doc   string  `json:"doc"`
	Score float64 `json:"score"`
}

type errorLine struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// WriteLine prints an outcome as one line of JSON.
func (c *Corpus) WriteLine(w io.Writer, o Outcome, declined bool) error {
	if o.Err != nil {
		return json.NewEncoder(w).Encode(errorLine{o.ID, o.Err.Error()})
	}
	l := answerLine{ID: o.ID, Ranked: []rankedLine{}, Declined: declined, Confidence: round(o.Confidence)}
	for _, s := range o.Ranked {
		l.Ranked = append(l.Ranked, rankedLine{c.Docs[s.Article], round(s.Score)})
	}
	return json.NewEncoder(w).Encode(l)
}

func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// WriteTable prints r for people.
func (r Report) WriteTable(w io.Writer) error {
	_, err := fmt.Fprintf(w, `questions             %6d
  in scope            %6d
  out of scope        %6d
recall@1              %6.1f %%
recall@3              %6.1f %%
recall@5              %6.1f %%
MRR                   %6.3f
threshold             %6.3f
in-scope accuracy     %6.1f %%   first article right and not declined
out-of-scope recall   %6.1f %%   declined
overall accuracy      %6.1f %%
`, r.Queries, r.InScope, r.OutOfScope, 100*r.Recall1, 100*r.Recall3, 100*r.Recall5, r.MRR, r.Threshold,
		100*r.InAccuracy, 100*r.OutRecall, 100*r.Overall)
	return err
}
