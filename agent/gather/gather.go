// Package gather lets calls that would each cost a transaction share one.
//
// While a run for a key is under way, calls for the same key gather; the next
// run takes all of them. A lone call is run at once and waits for nobody, so
// the delay grows only with the load that it saves.
package gather

import (
	"context"
	"fmt"
	"sync"
	"time"

	"frontdesk/ingest"
)

// Run answers questions, one answer each in the same order. An error is given
// to all that asked, and so is a panic, as an [*ingest.PanicError].
type Run[K comparable, Q, A any] func(ctx context.Context, key K, questions []Q) ([]A, error)

// Group gathers calls by key. It keeps nothing for a key without calls and
// starts no goroutine: one of the callers works for the others.
type Group[K comparable, Q, A any] struct {
	run  Run[K, Q, A]
	most int

	mu    sync.Mutex
	lanes map[K][]*call[Q, A] // present: a run is under way; the calls wait for the next
}

// call is one question on its way. turn is closed when it is to lead the next
// run or has its answer.
type call[Q, A any] struct {
	question Q
	turn     chan struct{}
	lead     []*call[Q, A] // set if this call is to run these
	answer   A
	err      error
}

// patience bounds a run, which no single caller's context may end.
const patience = 15 * time.Second

// New returns a Group that gives run at most the given number of questions at
// once; zero means 128.
func New[K comparable, Q, A any](most int, run Run[K, Q, A]) *Group[K, Q, A] {
	if most == 0 {
		most = 128
	}
	return &Group[K, Q, A]{run: run, most: most, lanes: map[K][]*call[Q, A]{}}
}

// Do asks one question. When ctx ends before the question was taken up, it is
// withdrawn and Do returns ctx's error; once taken up, Do waits for the answer,
// so that the caller always learns what came of it.
func (g *Group[K, Q, A]) Do(ctx context.Context, key K, question Q) (A, error) {
	c := &call[Q, A]{question: question, turn: make(chan struct{})}
	g.mu.Lock()
	waiting, busy := g.lanes[key]
	if busy {
		g.lanes[key] = append(waiting, c)
	} else {
		g.lanes[key] = nil
	}
	g.mu.Unlock()
	if !busy {
		g.work(ctx, key, []*call[Q, A]{c})
		return c.answer, c.err
	}
	select {
	case <-c.turn:
	case <-ctx.Done():
		if g.withdraw(key, c) {
			return c.answer, ctx.Err()
		}
		<-c.turn
	}
	if c.lead != nil {
		g.work(ctx, key, c.lead)
	}
	return c.answer, c.err
}

// work runs calls, hands the lead to the first of those that gathered
// meanwhile, and wakes the others that it has answered. The first of calls is
// the caller itself.
func (g *Group[K, Q, A]) work(ctx context.Context, key K, calls []*call[Q, A]) {
	defer g.next(key)
	questions := make([]Q, len(calls))
	for i, c := range calls {
		questions[i] = c.question
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	var answers []A
	err := ingest.Calm(func() (err error) { answers, err = g.run(ctx, key, questions); return err })
	if err == nil && len(answers) != len(calls) {
		err = fmt.Errorf("gather: %d answers to %d questions", len(answers), len(calls))
	}
	for i, c := range calls {
		if err != nil {
			c.err = err
		} else {
			c.answer = answers[i]
		}
		if i > 0 {
			close(c.turn)
		}
	}
}

func (g *Group[K, Q, A]) next(key K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	waiting := g.lanes[key]
	if len(waiting) == 0 {
		delete(g.lanes, key)
		return
	}
	n := min(len(waiting), g.most)
	g.lanes[key] = waiting[n:]
	waiting[0].lead = waiting[:n:n]
	close(waiting[0].turn)
}

// withdraw takes c out of the queue and reports whether it was still there.
func (g *Group[K, Q, A]) withdraw(key K, c *call[Q, A]) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	waiting := g.lanes[key]
	for i, w := range waiting {
		if w == c {
			g.lanes[key] = append(append([]*call[Q, A]{}, waiting[:i]...), waiting[i+1:]...)
			return true
		}
	}
	return false
}
