package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bound is how long a test waits for what should happen at once.
const bound = 20 * time.Second

// shell returns a child that runs script with the test's folder as $DIR and is
// ready once the script has made $DIR/ready. Each start takes the file away.
func shell(t *testing.T, script string) (Child, string) {
	t.Helper()
	dir := t.TempDir()
	return Child{
		Name: "script",
		Command: func() (*exec.Cmd, error) {
			os.Remove(filepath.Join(dir, "ready"))
			cmd := exec.Command("sh", "-c", script)
			cmd.Env = append(os.Environ(), "DIR="+dir)
			return cmd, nil
		},
		Probe: func(context.Context) error {
			_, err := os.Stat(filepath.Join(dir, "ready"))
			return err
		},
		PIDFile: filepath.Join(dir, "script.pid"),
		Backoff: time.Millisecond,
		Log:     slog.New(slog.DiscardHandler),
	}, dir
}

// start runs the supervisor until the test ends, and fails the test if it does
// not return then.
func start(t *testing.T, s *Supervisor) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run() = %v, want nil", err)
			}
		case <-time.After(bound):
			t.Error("Run does not return")
		}
	})
	t.Cleanup(stop)
	return stop
}

func waitReady(t *testing.T, s *Supervisor) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	if err := s.WaitReady(ctx); err != nil {
		t.Fatalf("not ready: %v", err)
	}
}

// pidOf returns the process that a supervisor remembers.
func pidOf(t *testing.T, child Child) int {
	t.Helper()
	content, err := os.ReadFile(child.PIDFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(content))[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func alive(pid int) bool {
	_, err := beginOf(pid)
	return err == nil
}

// eventually waits for what no signal tells of: another process's state.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(bound); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

const serves = `touch $DIR/ready; exec sleep 1000`

func TestSupervisorStartsAgainWhatDies(t *testing.T) {
	child, _ := shell(t, serves)
	s := Supervise(child)
	if s.Ready() == nil {
		t.Error("ready before it was started")
	}
	start(t, s)
	waitReady(t, s)
	first := pidOf(t, child)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another process serves", func() bool { return pidOf(t, child) != first && s.Ready() == nil })
}

func TestSupervisorSaysWhyItIsNotReady(t *testing.T) {
	child, _ := shell(t, `echo "cannot find my shoes" >&2; exit 3`)
	child.Backoff = time.Hour // one start is enough
	s := Supervise(child)
	start(t, s)
	eventually(t, "the reason", func() bool { return strings.Contains(s.Ready().Error(), "exit status 3") })
	if err := s.Ready(); !strings.Contains(err.Error(), "cannot find my shoes") {
		t.Errorf("Ready() = %v, want the child's last words in it", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.WaitReady(ctx); err == nil || !strings.Contains(err.Error(), "shoes") {
		t.Errorf("WaitReady() = %v, want the reason", err)
	}
}

func TestSupervisorBacksOff(t *testing.T) {
	child, dir := shell(t, `echo x >> $DIR/starts; exit 1`)
	child.Backoff = 20 * time.Millisecond
	began := time.Now()
	start(t, Supervise(child))
	eventually(t, "the fifth start", func() bool {
		starts, _ := os.ReadFile(filepath.Join(dir, "starts"))
		return bytes.Count(starts, []byte("x")) >= 5
	})
	if took := time.Since(began); took < (20+40+80+160)*time.Millisecond {
		t.Errorf("five starts took %s, want the waits between them to double", took)
	}
}

func TestSupervisorStops(t *testing.T) {
	tests := []struct {
		name   string
		script string
		signal syscall.Signal
		within time.Duration
		says   string // in the file that the script leaves
	}{
		{"by the signal asked for", `trap 'echo fast > $DIR/end; exit 0' INT; touch $DIR/ready; while :; do sleep 0.01; done`, syscall.SIGINT, 0, "fast"},
		{"by SIGTERM if none was", `trap 'echo term > $DIR/end; exit 0' TERM; touch $DIR/ready; while :; do sleep 0.01; done`, 0, 0, "term"},
		{"by force if it does not listen", `trap '' TERM; touch $DIR/ready; while :; do sleep 0.01; done`, 0, 50 * time.Millisecond, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			child, dir := shell(t, tt.script)
			child.StopSignal, child.StopWithin = tt.signal, tt.within
			s := Supervise(child)
			stop := start(t, s)
			waitReady(t, s)
			pid := pidOf(t, child)
			stop()
			if alive(pid) {
				t.Error("the process outlived Run")
			}
			if s.Ready() == nil {
				t.Error("still ready after the stop")
			}
			end, _ := os.ReadFile(filepath.Join(dir, "end"))
			if got := strings.TrimSpace(string(end)); got != tt.says {
				t.Errorf("the process said %q at its end, want %q", got, tt.says)
			}
		})
	}
}

func TestSupervisorStartsAnewWhatDoesNotGetReady(t *testing.T) {
	child, dir := shell(t, `echo x >> $DIR/starts; [ $(wc -l < $DIR/starts) -gt 1 ] && touch $DIR/ready; exec sleep 1000`)
	child.StartWithin = 100 * time.Millisecond
	s := Supervise(child)
	start(t, s)
	waitReady(t, s)
	if starts, _ := os.ReadFile(filepath.Join(dir, "starts")); bytes.Count(starts, []byte("x")) < 2 {
		t.Errorf("ready after %q, want a second start", starts)
	}
}

func TestSupervisorRefusesAFolderInUse(t *testing.T) {
	child, _ := shell(t, serves)
	s := Supervise(child)
	start(t, s)
	waitReady(t, s)
	second := Supervise(child)
	if err := second.Run(t.Context()); !errors.Is(err, ErrInUse) {
		t.Errorf("Run() = %v, want ErrInUse", err)
	}
	if err := second.Ready(); !errors.Is(err, ErrInUse) {
		t.Errorf("Ready() = %v, want ErrInUse", err)
	}
	if s.Ready() != nil {
		t.Error("the second start disturbed the first")
	}
}

// TestSupervisorStopsAnOrphan starts on the folder of a killed parent whose
// child lives on, as one can that has cleared its death signal.
func TestSupervisorStopsAnOrphan(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		t.Run(fmt.Sprintf("deaf to the first signal %t", deaf), func(t *testing.T) {
			t.Parallel()
			child, dir := shell(t, serves)
			child.StopWithin = 300 * time.Millisecond
			orphan := exec.Command("sleep", "1000")
			if deaf {
				orphan = exec.Command("sh", "-c", `trap '' TERM; touch $DIR/deaf; while :; do sleep 0.01; done`)
			}
			orphan.Env = append(os.Environ(), "DIR="+dir)
			if err := orphan.Start(); err != nil {
				t.Fatal(err)
			}
			go orphan.Wait()
			t.Cleanup(func() { orphan.Process.Kill() })
			if deaf {
				eventually(t, "deaf", func() bool { _, err := os.Stat(filepath.Join(dir, "deaf")); return err == nil })
			}
			earlier, err := claimPIDFile(child.PIDFile)
			if err != nil {
				t.Fatal(err)
			}
			if err := earlier.remember(orphan.Process.Pid); err != nil {
				t.Fatal(err)
			}
			earlier.release() // as the kernel does when the parent is killed

			s := Supervise(child)
			start(t, s)
			waitReady(t, s)
			if alive(orphan.Process.Pid) {
				t.Error("the orphan still runs beside the new child")
			}
		})
	}
}

func TestSupervisorSparesAStrangerWithTheSamePID(t *testing.T) {
	child, _ := shell(t, serves)
	stranger := exec.Command("sleep", "1000")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer stranger.Wait()
	defer stranger.Process.Kill()
	line := fmt.Sprintf("%d %d\n", stranger.Process.Pid, 12345) // began at another time
	if err := os.WriteFile(child.PIDFile, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Supervise(child)
	start(t, s)
	waitReady(t, s)
	if !alive(stranger.Process.Pid) {
		t.Error("a process that only bears the number was stopped")
	}
}

// TestAChildDiesWithItsParent starts a parent that is this binary, and kills it.
func TestAChildDiesWithItsParent(t *testing.T) {
	if dir := os.Getenv("SUPERVISOR_TEST_PARENT"); dir != "" {
		child, _ := shell(t, `exec sleep 1000`)
		child.PIDFile = filepath.Join(dir, "pid")
		child.Probe = func(context.Context) error { return nil }
		_ = Supervise(child).Run(context.Background()) // until killed
		return
	}
	dir := t.TempDir()
	parent := exec.Command(os.Args[0], "-test.run", "^TestAChildDiesWithItsParent$")
	parent.Env = append(os.Environ(), "SUPERVISOR_TEST_PARENT="+dir)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	pidFile := filepath.Join(dir, "pid")
	eventually(t, "the child's pid", func() bool { content, _ := os.ReadFile(pidFile); return strings.HasSuffix(string(content), "\n") })
	pid := pidOf(t, Child{PIDFile: pidFile})
	parent.Process.Kill()
	parent.Wait()
	eventually(t, "the child is gone", func() bool { return !alive(pid) })
}

func TestOutputTail(t *testing.T) {
	tests := []struct {
		name   string
		writes []string
		want   string
	}{
		{"nothing", nil, "ended by itself"},
		{"a line in pieces", []string{"half", " and half\n"}, "ended by itself; its last words: half and half"},
		{"a line not ended", []string{"done\nnot yet"}, "ended by itself; its last words: done"},
		{"only the last", []string{strings.Repeat("x\n", 20), "a\nb\nc\nd\ne\nf\ng\nh\n"}, "ended by itself; its last words: a | b | c | d | e | f | g | h"},
		{"an endless line is cut", []string{strings.Repeat("y", maxLineBytes+1)}, "ended by itself; its last words: " + strings.Repeat("y", maxLineBytes)},
		{"no UTF-8", []string{"\xff\n"}, "ended by itself; its last words: ?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tail := &outputTail{log: slog.New(slog.DiscardHandler)}
			for _, w := range tt.writes {
				if n, err := tail.Write([]byte(w)); n != len(w) || err != nil {
					t.Fatalf("Write() = %d, %v", n, err)
				}
			}
			if got := tail.explain(nil).Error(); got != tt.want {
				t.Errorf("explain() = %q, want %q", got, tt.want)
			}
		})
	}
}
