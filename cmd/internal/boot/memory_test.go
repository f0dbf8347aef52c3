package boot

import (
	"os"
	"testing"
)

func TestUsableMemory(t *testing.T) {
	const machine = "MemFree: 77 kB\nMemTotal:       2048 kB\n"
	tests := []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"the machine's, where no group bounds it", map[string]string{"/proc/meminfo": machine, "/sys/fs/cgroup/memory.max": "max\n"}, 2 << 20},
		{"the group's, where it is less", map[string]string{"/proc/meminfo": machine, "/sys/fs/cgroup/memory.max": "1048576\n"}, 1 << 20},
		{"an older kernel's group", map[string]string{"/proc/meminfo": machine, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "4096\n"}, 4096},
		{"a group's bound above the machine", map[string]string{"/proc/meminfo": machine, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 2 << 20},
		{"neither is known", nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := usableMemory(func(name string) ([]byte, error) {
				if s, ok := tt.files[name]; ok {
					return []byte(s), nil
				}
				return nil, os.ErrNotExist
			})
			if got != tt.want {
				t.Errorf("usableMemory() = %d, want %d", got, tt.want)
			}
		})
	}
}
