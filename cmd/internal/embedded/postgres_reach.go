package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// ErrPostgresStopped is given where nobody runs the cluster.
var ErrPostgresStopped = errors.New("no frontdesk runs on this data folder")

// ReachPostgres returns how to reach the server that another process runs on
// dir, for tools beside it; ErrPostgresStopped where none does.
func ReachPostgres(dir string) (string, error) {
	home, err := filepath.EvalSymlinks(dir)
	if errors.Is(err, os.ErrNotExist) {
		return "", ErrPostgresStopped
	}
	if err != nil {
		return "", fmt.Errorf("find the cluster: %w", err)
	}
	p := &Postgres{config: PostgresConfig{Dir: home}, data: filepath.Join(home, "data")}
	lock, err := os.ReadFile(p.lockFile())
	lines := strings.Split(string(lock), "\n")
	if pid := p.lockedBy(); err != nil || len(lines) < 5 || pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return "", ErrPostgresStopped
	}
	password, err := os.ReadFile(filepath.Join(home, "password"))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return ownerURL(strings.TrimSpace(lines[4]), strings.TrimSpace(string(password))), nil
}
