package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Child is a process to keep running.
type Child struct {
	// Name is what log lines and errors call it.
	Name string
	// Prepare, if not nil, runs once before the first start, under the lock of
	// PIDFile and with no earlier process running. Its error ends Run.
	Prepare func(ctx context.Context) error
	// Command makes the command for each start anew. Its output goes to Log; its
	// process group and what befalls it when we die are the supervisor's.
	Command func() (*exec.Cmd, error)
	// Probe returns nil once the process serves. It is asked every 50 ms after a
	// start, with a second's time each.
	Probe func(ctx context.Context) error
	// PIDFile remembers the process, so that one left by a killed parent is
	// stopped before another starts; and it is locked, so that two parents never
	// run one child.
	PIDFile string
	// StartWithin is how long a start may take before it is begun anew; 0 is a minute.
	StartWithin time.Duration
	// StopSignal asks the process to stop; 0 is SIGTERM.
	StopSignal syscall.Signal
	// StopWithin is how long it may take then, before it is killed; 0 is 8 s.
	StopWithin time.Duration
	// Backoff is the wait before the first restart, doubled with each that
	// follows closely, up to 10 s; 0 is 100 ms.
	Backoff time.Duration
	// Log gets a line on each start, death and stop, and the output at debug level.
	Log *slog.Logger
}

const (
	maxBackoff = 10 * time.Second
	// settled is how long a process must have run for the back-off to begin anew.
	settled    = 30 * time.Second
	probeEvery = 50 * time.Millisecond
	// afterDeath is how long the output of a dead process may stay open, as its
	// own children may hold it.
	afterDeath = time.Second
)

// Supervisor keeps one [Child] running. Its methods are safe for concurrent use.
type Supervisor struct {
	child Child

	mu      sync.Mutex
	state   error         // nil while the child serves, else why it does not
	changed chan struct{} // closed and replaced when state changes
}

// Supervise returns a supervisor of child. It starts nothing; see [Supervisor.Run].
func Supervise(child Child) *Supervisor {
	if child.StartWithin == 0 {
		child.StartWithin = time.Minute
	}
	if child.StopSignal == 0 {
		child.StopSignal = syscall.SIGTERM
	}
	if child.StopWithin == 0 {
		child.StopWithin = 8 * time.Second
	}
	if child.Backoff == 0 {
		child.Backoff = 100 * time.Millisecond
	}
	child.Log = child.Log.With("child", child.Name)
	return &Supervisor{child: child, state: fmt.Errorf("%s is not started", child.Name), changed: make(chan struct{})}
}

// Ready returns nil while the child serves, else why it does not.
func (s *Supervisor) Ready() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// WaitReady returns nil as soon as the child serves. When ctx ends first, the
// error says what was last wrong with the child.
func (s *Supervisor) WaitReady(ctx context.Context) error {
	for {
		s.mu.Lock()
		state, changed := s.state, s.changed
		s.mu.Unlock()
		if state == nil {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return state
		}
	}
}

func (s *Supervisor) set(state error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = state
	close(s.changed)
	s.changed = make(chan struct{})
}

// Run keeps the child running until ctx ends; then it stops the child and
// returns nil. It returns an error only if nothing can be started: another
// process runs this child, or Prepare failed.
func (s *Supervisor) Run(ctx context.Context) error {
	file, err := claimPIDFile(s.child.PIDFile)
	if err != nil {
		return s.fail(err)
	}
	defer file.release()
	if err := file.stopOrphan(s.child.StopSignal, s.child.StopWithin, s.child.Log); err != nil {
		return s.fail(err)
	}
	if s.child.Prepare != nil {
		if err := s.child.Prepare(ctx); err != nil {
			return s.fail(err)
		}
	}
	s.keepRunning(ctx, file)
	s.fail(errors.New("is stopped"))
	return nil
}

// fail sets and returns why the child does not serve.
func (s *Supervisor) fail(err error) error {
	err = fmt.Errorf("%s: %w", s.child.Name, err)
	s.set(err)
	return err
}

func (s *Supervisor) keepRunning(ctx context.Context, file *pidFile) {
	backoff := s.child.Backoff
	for ctx.Err() == nil {
		began := time.Now()
		err := s.runOnce(ctx, file)
		if ctx.Err() != nil {
			break
		}
		s.fail(err)
		if time.Since(began) > settled {
			backoff = s.child.Backoff
		}
		s.child.Log.Error("child ended; it is started again", "error", err, "after", backoff)
		select {
		case <-ctx.Done():
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// runOnce starts the child and waits for its end, which it brings about when
// ctx ends. It returns why the child ended.
func (s *Supervisor) runOnce(ctx context.Context, file *pidFile) error {
	cmd, err := s.child.Command()
	if err != nil {
		return err
	}
	tail := &outputTail{log: s.child.Log}
	cmd.Stdout, cmd.Stderr = tail, tail
	cmd.WaitDelay = afterDeath
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true // a Ctrl-C in the terminal is for us alone: we stop it in our order
	cmd.SysProcAttr.Pdeathsig = s.child.StopSignal

	// The kernel sends Pdeathsig when the thread that started the child ends, so
	// that thread is kept.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if err := file.remember(cmd.Process.Pid); err != nil {
		s.child.Log.Warn("the child's pid could not be kept", "error", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return s.watch(ctx, cmd.Process.Pid, ended, tail)
}

// watch reports the child ready once its probe says so, and stops it when ctx
// ends or it is not ready in time.
func (s *Supervisor) watch(ctx context.Context, pid int, ended <-chan error, tail *outputTail) error {
	began := time.Now()
	tooLate := time.NewTimer(s.child.StartWithin)
	defer tooLate.Stop()
	probe := time.NewTicker(probeEvery)
	defer probe.Stop()
	for {
		select {
		case err := <-ended:
			return tail.explain(err)
		case <-ctx.Done():
			s.stop(pid, ended)
			return ctx.Err()
		case <-tooLate.C:
			s.stop(pid, ended)
			return tail.explain(fmt.Errorf("not ready within %s", s.child.StartWithin))
		case <-probe.C:
			if err := s.probe(ctx); err != nil {
				continue
			}
			probe.Stop()
			tooLate.Stop()
			s.set(nil)
			s.child.Log.Info("child is ready", "pid", pid, "took", time.Since(began).Round(time.Millisecond))
		}
	}
}

func (s *Supervisor) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.child.Probe(ctx)
}

// stop asks the process to stop, kills its group if it takes too long, and
// returns once it has ended.
func (s *Supervisor) stop(pid int, ended <-chan error) {
	s.child.Log.Info("child is asked to stop", "pid", pid)
	_ = syscall.Kill(pid, s.child.StopSignal) // gone already: the wait returns at once
	select {
	case <-ended:
		return
	case <-time.After(s.child.StopWithin):
	}
	s.child.Log.Warn("child did not stop in time and is killed", "pid", pid, "within", s.child.StopWithin)
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	<-ended
}

// errEnded stands for an end with exit status 0, which nobody asked for.
var errEnded = errors.New("ended by itself")
