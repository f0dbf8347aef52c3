//go:build linux || darwin

package extract

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
)

// isolate puts the child into a process group of its own, so that a signal to
// ours does not reach it half way; its context ends it.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

// limit bounds this process: memory, processor time, no files, no core.
func limit() error {
	debug.SetMemoryLimit(memory / 2)
	base := uint64(pages()) * uint64(os.Getpagesize())
	cpu := uint64(wall / time.Second)
	for _, l := range []struct {
		what  int
		bytes uint64
	}{
		{syscall.RLIMIT_AS, base + memory},
		{syscall.RLIMIT_CPU, cpu},
		{syscall.RLIMIT_FSIZE, 0},
		{syscall.RLIMIT_CORE, 0},
	} {
		if err := syscall.Setrlimit(l.what, &syscall.Rlimit{Cur: l.bytes, Max: l.bytes}); err != nil {
			return err
		}
	}
	return nil
}

// pages is how much address space the program holds already; where the system
// does not tell, a generous guess.
func pages() int {
	b, err := os.ReadFile("/proc/self/statm")
	var n int
	if err == nil {
		_, err = fmt.Fscan(strings.NewReader(string(b)), &n)
	}
	if err != nil {
		return (4 << 30) / os.Getpagesize()
	}
	return n
}
