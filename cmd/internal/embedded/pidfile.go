package embedded

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrInUse is returned when another process runs the same data folder.
var ErrInUse = errors.New("another frontdesk uses this data folder; stop it first, or set FRONTDESK_DATA_DIR")

// pidFile names a child's process and when it began, since a pid is used again.
// It is locked as long as its owner lives.
type pidFile struct {
	file *os.File
}

// claimPIDFile opens and locks the file at path, or returns [ErrInUse].
func claimPIDFile(path string) (*pidFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open pid file: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%s is locked: %w", path, ErrInUse)
		}
		return nil, fmt.Errorf("lock pid file: %w", err)
	}
	return &pidFile{file}, nil
}

// release unlocks before it closes, as a process that is just being started
// holds every file of ours for a moment.
func (f *pidFile) release() {
	_ = syscall.Flock(int(f.file.Fd()), syscall.LOCK_UN)
	f.file.Close()
}

// remember writes down a process that was just started: a line of one length,
// in one write, so that the file never holds less than one process.
func (f *pidFile) remember(pid int) error {
	began, err := beginOf(pid)
	if err != nil {
		return err
	}
	_, err = f.file.WriteAt(fmt.Appendf(nil, "%-63s\n", fmt.Sprintf("%d %s", pid, began)), 0)
	return err
}

// stopOrphan stops the process that the file remembers, if it still runs: its
// parent was killed. It returns an error if the process cannot be stopped.
func (f *pidFile) stopOrphan(ask syscall.Signal, within time.Duration, log *slog.Logger) error {
	content, err := io.ReadAll(io.NewSectionReader(f.file, 0, 256))
	if err != nil {
		return fmt.Errorf("read pid file: %w", err)
	}
	number, began, _ := strings.Cut(strings.TrimSpace(string(content)), " ")
	pid, err := strconv.Atoi(number)
	if err != nil || pid <= 1 || !runs(pid, began) {
		return nil // none, or its number went to another process
	}
	log.Warn("a child of an earlier run still runs and is stopped", "pid", pid)
	for _, signal := range []syscall.Signal{ask, syscall.SIGKILL} {
		if err := syscall.Kill(pid, signal); errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("process %d of an earlier run belongs to another user; stop it first", pid)
		}
		if endsWithin(pid, began, within) {
			return nil
		}
	}
	return fmt.Errorf("process %d of an earlier run does not end; stop it first", pid)
}

// endsWithin polls, as only a parent can wait for a process.
func endsWithin(pid int, began string, within time.Duration) bool {
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if !runs(pid, began) {
			return true
		}
	}
	return false
}

func runs(pid int, began string) bool {
	now, err := beginOf(pid)
	return err == nil && now == began
}

// beginOf returns when the process began, in ticks since the machine's start,
// or an error if it has ended. A process that only its parent has yet to wait
// for has ended.
func beginOf(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// The second field is the name in brackets, which may hold anything.
	_, after, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
	fields := strings.Fields(after)
	const state, start = 0, 19
	if len(fields) <= start || fields[state] == "Z" || fields[state] == "X" {
		return "", os.ErrProcessDone
	}
	return fields[start], nil
}
