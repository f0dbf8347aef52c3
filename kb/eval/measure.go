package eval

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"frontdesk/kb/rank"
)

// ranked is how many articles are looked at per question.
const ranked = 10

// Outcome is a question with what was found.
type Outcome struct {
	Question
	rank.Result
	place int // of the first gold article, from 1; 0 where it is not among those ranked
}

// Ask ranks all questions, on all processors, and hands the outcomes to out in
// the order of qs. It stops when ctx ends or out returns an error.
func (c *Corpus) Ask(ctx context.Context, qs []Question, out func(Outcome) error) error {
	slots := make([]chan Outcome, len(qs))
	for i := range slots {
		slots[i] = make(chan Outcome, 1)
	}
	next := make(chan int)
	ctx, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	wg.Go(func() {
		defer close(next)
		for i := range qs {
			select {
			case next <- i:
			case <-ctx.Done():
				return
			}
		}
	})
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				slots[i] <- c.ask(qs[i])
			}
		})
	}
	for i := range slots {
		select {
		case o := <-slots[i]:
			if err := out(o); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (c *Corpus) ask(q Question) Outcome {
	o := Outcome{Question: q}
	if q.Err != nil {
		return o
	}
	o.Result = c.Model.Rank(q.Text, "", max(ranked, len(c.Docs)))
	for i, s := range o.Ranked {
		if slices.Contains(q.Gold, c.Docs[s.Article]) {
			o.place = i + 1
			break
		}
	}
	o.Ranked = o.Ranked[:min(ranked, len(o.Ranked))]
	return o
}

// Report is the figures over a file, rates from 0 to 1.
type Report struct {
	Queries    int     `json:"queries"`
	InScope    int     `json:"in_scope"`
	OutOfScope int     `json:"out_of_scope"`
	Recall1    float64 `json:"recall@1"`
	Recall3    float64 `json:"recall@3"`
	Recall5    float64 `json:"recall@5"`
	MRR        float64 `json:"mrr"`
	Threshold  float64 `json:"threshold"`
	InAccuracy float64 `json:"in_scope_accuracy"`
	OutRecall  float64 `json:"out_of_scope_recall"`
	Overall    float64 `json:"overall_accuracy"`
}

// Tally counts outcomes at a threshold. A question that could not be read, or
// whose gold is not told, is not counted.
type Tally struct {
	threshold                        float64
	queries, in, out                 int
	first, three, five, right, apart int
	reciprocal                       float64
}

// NewTally returns an empty count; questions below threshold are declined.
func NewTally(threshold float64) *Tally { return &Tally{threshold: threshold} }

// Declined reports whether o is declined.
func (t *Tally) Declined(o Outcome) bool { return o.Confidence < t.threshold }

// Add counts o.
func (t *Tally) Add(o Outcome) {
	if o.Err != nil || !o.Counts {
		return
	}
	t.queries++
	if len(o.Gold) == 0 {
		t.out++
		t.apart += count(t.Declined(o))
		return
	}
	t.in++
	if o.place == 0 {
		return
	}
	t.reciprocal += 1 / float64(o.place)
	t.first += count(o.place == 1)
	t.three += count(o.place <= 3)
	t.five += count(o.place <= 5)
	t.right += count(o.place == 1 && !t.Declined(o))
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Report returns the figures so far; a rate over nothing is 0.
func (t *Tally) Report() Report {
	rate := func(n, of int) float64 {
		if of == 0 {
			return 0
		}
		return float64(n) / float64(of)
	}
	r := Report{
		Queries: t.queries, InScope: t.in, OutOfScope: t.out, Threshold: t.threshold,
		Recall1: rate(t.first, t.in), Recall3: rate(t.three, t.in), Recall5: rate(t.five, t.in),
		InAccuracy: rate(t.right, t.in), OutRecall: rate(t.apart, t.out), Overall: rate(t.right+t.apart, t.in+t.out),
	}
	if t.in > 0 {
		r.MRR = t.reciprocal / float64(t.in)
	}
	return r
}

// Best returns the threshold with the best overall accuracy over outcomes: the
// middle of the gap it may lie in, and of several as good the one in the middle
// of the widest stretch. It is the built-in one where nothing was counted.
func Best(outcomes []Outcome) float64 {
	counted := slices.DeleteFunc(slices.Clone(outcomes), func(o Outcome) bool { return o.Err != nil || !o.Counts })
	slices.SortFunc(counted, func(a, b Outcome) int {
		switch {
		case a.Confidence < b.Confidence:
			return -1
		case a.Confidence > b.Confidence:
			return 1
		}
		return 0
	})
	if len(counted) == 0 {
		return rank.Threshold
	}
	right := 0 // with all answered
	for _, o := range counted {
		right += count(o.place == 1)
	}
	best, from, to := -1, 0.0, 0.0
	low := 0.0
	for i := 0; i <= len(counted); i++ {
		high := 1.0
		if i < len(counted) {
			high = counted[i].Confidence
		}
		if high > low || i == 0 || i == len(counted) { // a threshold fits between
			if right > best || right == best && high-low > to-from {
				best, from, to = right, low, high
			}
		}
		if i == len(counted) {
			break
		}
		low = high
		right += count(len(counted[i].Gold) == 0) - count(counted[i].place == 1)
	}
	return (from + to) / 2
}
