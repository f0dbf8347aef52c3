package boot_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"frontdesk/cmd/internal/boot"
)

// relaxed, if set, makes this test binary a program that relaxes its timers and
// prints its id, its arguments and the slack of its threads.
const relaxed = "FRONTDESK_TEST_RELAXED"

func TestMain(m *testing.M) {
	if os.Getenv(relaxed) == "" {
		os.Exit(m.Run())
	}
	boot.RelaxTimers()
	fmt.Println(os.Getpid(), strings.Join(os.Args[1:], " "))
	fmt.Println(unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0))
	threads, _ := filepath.Glob("/proc/self/task/*")
	for _, t := range threads {
		slack, err := os.ReadFile(filepath.Join("/proc", filepath.Base(t), "timerslack_ns"))
		if errors.Is(err, syscall.EPERM) {
			continue // of another thread than this one: root's alone
		}
		fmt.Println(strings.TrimSpace(string(slack)), err)
	}
}

// The program that goes on is the same process with the same arguments, and
// all its threads have the slack, those too that the runtime made first.
func TestRelaxTimers(t *testing.T) {
	cmd := exec.Command(os.Args[0], "up", "-demo")
	cmd.Env = append(os.Environ(), relaxed+"=1")
	out := &strings.Builder{}
	cmd.Stdout, cmd.Stderr = out, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if want := strconv.Itoa(cmd.Process.Pid) + " up -demo"; lines[0] != want {
		t.Errorf("it went on as %q, want %q", lines[0], want)
	}
	if len(lines) < 2 {
		t.Fatalf("it said %q, want a slack too", lines)
	}
	for _, slack := range lines[1:] {
		if want := strconv.Itoa(int(2*time.Millisecond)) + " <nil>"; slack != want {
			t.Errorf("a thread has a slack of %s ns, want %s", slack, want)
		}
	}
}
