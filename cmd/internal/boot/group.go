package boot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Stage is a place in the order of stopping. What takes work in stops first,
// then what works on it, then what passes results on, then what all of them
// use.
type Stage int

// The stages, first to stop first.
const (
	Intake    Stage = iota // listeners: no new requests, those in hand finish
	Workers                // consumers, turns, dispatch: what is begun is finished and committed
	Producers              // the stream's producer, the outbox relay: what is queued goes out
	Pools                  // connections, the internal listener
	Engines                // the embedded Postgres, Kafka and ClickHouse
)

var stageNames = [...]string{"intake", "workers", "producers", "pools", "engines"}

// String returns the stage's name in log lines.
func (s Stage) String() string { return stageNames[s] }

// stopWithin bounds each stage, 25 s in all: less than the 30 s that most
// things which stop us wait before they kill.
var stopWithin = [...]time.Duration{Intake: 10 * time.Second, Workers: 5 * time.Second, Producers: 3 * time.Second, Pools: 2 * time.Second, Engines: 5 * time.Second}

// Group runs the long-lived parts of a process and stops them stage by stage,
// when its context ends or when one of them fails.
type Group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	log    *slog.Logger
	within [len(stopWithin)]time.Duration
	stages [len(stopWithin)]*stage
}

// stage is what stops together.
type stage struct {
	ctx  context.Context
	stop context.CancelFunc

	mu      sync.Mutex
	running []string      // names of parts that have not returned
	empty   chan struct{} // closed when running becomes empty after closing began
	closing bool
	errs    []error // of parts that failed while they stopped
	closers []closer
}

type closer struct {
	name string
	run  func()
}

// NewGroup returns a group that stops when ctx ends.
func NewGroup(ctx context.Context, log *slog.Logger) *Group {
	g := &Group{log: log, within: stopWithin}
	g.ctx, g.cancel = context.WithCancelCause(ctx)
	for i := range g.stages {
		s := &stage{empty: make(chan struct{})}
		// Not ended by ctx: a stage ends when its turn has come.
		s.ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
		g.stages[i] = s
	}
	return g
}

// Context ends as soon as the group begins to stop. It is for what is done
// while the parts are being started.
func (g *Group) Context() context.Context { return g.ctx }

// Go starts run at once, as a part of stage. run blocks until its context ends
// and then returns nil; if it returns sooner, that is a failure and the whole
// group stops. name appears in log lines and errors.
func (g *Group) Go(at Stage, name string, run func(context.Context) error) {
	s := g.stages[at]
	if !s.enter(name) {
		return // the stage has been stopped already: the start came too late
	}
	go func() {
		err := run(s.ctx)
		told := s.ctx.Err() != nil
		if told && (err == nil || errors.Is(err, context.Canceled)) {
			s.leave(name, nil)
			return
		}
		if err == nil {
			err = errors.New("ended by itself")
		}
		err = fmt.Errorf("%s: %w", name, err)
		if !told {
			g.Fail(err)
			err = nil // reported as the cause of the stop
		}
		s.leave(name, err)
	}()
}

// Close has run called when stage is stopped, after the parts of that stage
// have returned; what was added last is closed first. If that is over, it is
// called at once.
func (g *Group) Close(at Stage, name string, run func()) {
	if !g.stages[at].add(closer{name, run}) {
		run()
	}
}

// Fail stops the group; [Group.Wait] returns the first error given to it.
func (g *Group) Fail(err error) { g.cancel(failure{err}) }

// failure tells an error of ours from the end of the context above.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// Wait blocks until the context ends or a part fails, stops all stages in
// order, each within its bound, and returns the failure, if that was the cause,
// and the names of parts that did not stop in time.
func (g *Group) Wait() error {
	<-g.ctx.Done()
	var errs []error
	var failed failure
	if errors.As(context.Cause(g.ctx), &failed) {
		errs = append(errs, failed.error)
	}
	began := time.Now()
	g.log.Info("stopping", "cause", context.Cause(g.ctx))
	for i, s := range g.stages {
		if err := s.shut(g.within[i]); err != nil {
			err = fmt.Errorf("stop %s: %w", Stage(i), err)
			g.log.Error("a stage did not stop as it should", "error", err)
			errs = append(errs, err)
		}
	}
	g.log.Info("stopped", "took", time.Since(began).Round(time.Millisecond))
	return errors.Join(errs...)
}

func (s *stage) enter(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.running = append(s.running, name)
	return true
}

func (s *stage) add(c closer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closing {
		s.closers = append(s.closers, c)
	}
	return !s.closing
}

// leave takes a part off the list; err is what went wrong while it stopped.
func (s *stage) leave(name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.errs = append(s.errs, err)
	}
	i := slices.Index(s.running, name)
	s.running = slices.Delete(s.running, i, i+1)
	s.tellIfEmpty()
}

func (s *stage) tellIfEmpty() {
	if s.closing && len(s.running) == 0 {
		close(s.empty)
	}
}

// shut ends the stage's context, waits for its parts and calls its closers. It
// returns what went wrong and what was not done in time.
func (s *stage) shut(within time.Duration) error {
	bound := time.NewTimer(within)
	defer bound.Stop()
	s.stop()
	s.mu.Lock()
	s.closing = true
	closers := s.closers
	s.tellIfEmpty()
	s.mu.Unlock()
	select {
	case <-s.empty:
	case <-bound.C:
		s.mu.Lock()
		defer s.mu.Unlock()
		return errors.Join(append(s.errs, fmt.Errorf("%s did not return within %s", strings.Join(s.running, ", "), within))...)
	}
	for _, c := range slices.Backward(closers) {
		done := make(chan struct{})
		go func() { defer close(done); c.run() }()
		select {
		case <-done:
		case <-bound.C:
			return errors.Join(append(s.errs, fmt.Errorf("%s did not close within %s", c.name, within))...)
		}
	}
	return errors.Join(s.errs...)
}
