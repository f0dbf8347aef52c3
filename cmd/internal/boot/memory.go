package boot

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// gcPercent lets the heap grow to five times what is live before it is
// collected: callbacks live for less than a millisecond, so what is live is
// little and most of collecting is finding that out.
const gcPercent = 400

// leastMemory is the least that the heap may take before collections come as
// often as it needs.
const leastMemory = 256 << 20

// SetMemory lets the heap grow further between collections than Go does by
// itself, up to a quarter of the memory that the process may use: the rest is
// the databases'. GOGC and GOMEMLIMIT in the environment win.
func SetMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if total := usableMemory(os.ReadFile); os.Getenv("GOMEMLIMIT") == "" && total > 0 {
		debug.SetMemoryLimit(max(total/4, leastMemory))
	}
}

// usableMemory returns the bytes of memory that this process may use: of its
// control group or of the machine, whichever is less; 0 where neither is known.
func usableMemory(read func(name string) ([]byte, error)) int64 {
	least := int64(math.MaxInt64)
	for _, name := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, _ := read(name)
		if n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && n > 0 {
			least = min(least, n)
		}
	}
	b, _ := read("/proc/meminfo")
	for line := range strings.Lines(string(b)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "MemTotal:" {
			continue
		}
		if kib, err := strconv.ParseInt(fields[1], 10, 64); err == nil && kib > 0 {
			least = min(least, kib<<10)
		}
	}
	if least == math.MaxInt64 {
		return 0
	}
	return least
}
