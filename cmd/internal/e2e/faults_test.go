package e2e

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/cmd/internal/ledger"
)

// rate is the load of the fault tests in new customers a second.
const rate = 50

// under loads s for span and runs fault meanwhile; it returns what was
// acknowledged.
func (s *scene) under(t *testing.T, fault func()) []ledger.Text {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), span(t))
	defer cancel()
	done := make(chan []ledger.Text)
	go func() { done <- s.load(ctx, t, rate) }()
	fault()
	return <-done
}

// TestKillEverything kills the whole process, edge, agent, dispatch and broker
// at once, while customers write (X1, X2 and X5 on the embedded default).
func TestKillEverything(t *testing.T) {
	s := start(t)
	acked := s.under(t, func() {
		for range 2 {
			time.Sleep(span(t) / 4)
			if err := s.Kill(); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			if err := s.Start(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
	})
	s.settle(t, acked)
}

// TestKillPostgres kills the postmaster and all its backends (X9): callbacks
// are still acknowledged, and everything is answered once it is back.
func TestKillPostgres(t *testing.T) {
	s := start(t)
	acked := s.under(t, func() {
		time.Sleep(span(t) / 4)
		pid := postmaster(t, s.Dir)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	})
	s.settle(t, acked)
}

// TestFrozenPostgres stops Postgres for a while (X10): nothing is lost and the
// pool recovers.
func TestFrozenPostgres(t *testing.T) {
	s := start(t)
	acked := s.under(t, func() {
		time.Sleep(span(t) / 4)
		pids := freeze(t, postmaster(t, s.Dir))
		time.Sleep(span(t) / 4)
		signalAll(pids, syscall.SIGCONT)
	})
	s.settle(t, acked)
}

// TestStopUnderLoad asks the process to end at load and starts it again (X21).
func TestStopUnderLoad(t *testing.T) {
	s := start(t)
	acked := s.under(t, func() {
		time.Sleep(span(t) / 4)
		asked := time.Now()
		if err := s.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		if took := time.Since(asked); took > 25*time.Second {
			t.Errorf("stopping took %v, want 25 s at most", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if err := s.Start(ctx); err != nil {
			t.Fatal(err)
		}
	})
	s.settle(t, acked)
}

// TestReplayedCallbacks delivers the same messages many times over, shuffled,
// alone and in one POST (X22): one effect each.
func TestReplayedCallbacks(t *testing.T) {
	s := start(t)
	var texts []ledger.Text
	for i := range 10 {
		n := strconv.Itoa(i)
		texts = append(texts, ledger.Text{From: "1555555020" + n, ID: "wamid.replayed" + n, Body: "Do you have parking?", At: time.Now().Add(-72 * time.Hour)})
	}
	client := &http.Client{Timeout: 10 * time.Second}
	for range 20 {
		rand.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		if status, err := s.Deliver(t.Context(), client, s.URL(), texts...); err != nil || status != http.StatusOK {
			t.Fatalf("deliver: %d, %v", status, err)
		}
	}
	// Three days old: the 24-hour window is closed, so the messages are stored
	// and decided upon once, and the reply is refused by the policy gate.
	deadline := time.Now().Add(patience)
	for len(s.provider.Sends()) == 0 && time.Now().Before(deadline) {
		if got := s.messages(t, map[string][]string{"status": {"failed"}}); len(got) >= len(texts) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if got := len(s.provider.Sends()); got != 0 {
		t.Errorf("%d replies went out after the window had closed", got)
	}
	for _, direction := range []string{"inbound", "outbound"} {
		if got := s.messages(t, map[string][]string{"direction": {direction}}); len(got) != len(texts) {
			t.Errorf("%d %s messages are stored, want %d", len(got), direction, len(texts))
		}
	}
}

// postmaster returns the process id of the cluster under a data folder.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	out, err := exec.Command("find", dir, "-name", "postmaster.pid").Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("no postmaster.pid below %s: %v", dir, err)
	}
	raw, err := os.ReadFile(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(raw), "\n", 2)[0]))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// family returns pid and its children.
func family(t *testing.T, pid int) []int {
	t.Helper()
	pids := []int{pid}
	out, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/task/" + strconv.Itoa(pid) + "/children")
	for _, field := range strings.Fields(string(out)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, child)
	}
	return pids
}

// freeze stops pid and then its children, so that none is born meanwhile, and
// returns all of them.
func freeze(t *testing.T, pid int) []int {
	t.Helper()
	signalAll([]int{pid}, syscall.SIGSTOP)
	pids := family(t, pid)
	signalAll(pids, syscall.SIGSTOP)
	return pids
}

func signalAll(pids []int, sig syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, sig) // a backend may have ended meanwhile
	}
}
