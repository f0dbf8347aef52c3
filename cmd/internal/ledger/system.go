package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// System is a frontdesk process under observation.
type System struct {
	Binary string   // path of the frontdesk binary
	Dir    string   // data folder; kept over Kill and Start
	Listen string   // host:port of the public listener
	Admin  string   // admin token
	Env    []string // further FRONTDESK_* settings
	Log    *os.File // where its output goes
	Demo   string   // a business file for --demo; empty: none
	// Role is the only role that the process has, on servers that Env names;
	// empty means all of them (up).
	Role string
	// Internal is host:port of the internal listener; empty: any free port.
	Internal string

	cmd *exec.Cmd
}

// URL is the base URL of the public listener.
func (s *System) URL() string { return "http://" + s.Listen }

// PID is the process id while it runs, else 0.
func (s *System) PID() int {
	if s.cmd == nil || s.cmd.Process == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Start starts the process and waits until it is ready.
func (s *System) Start(ctx context.Context) error {
	s.cmd = exec.Command(s.Binary, s.command()...)
	s.cmd.Env = append(os.Environ(),
		"FRONTDESK_DATA_DIR="+s.Dir, "FRONTDESK_LISTEN="+s.Listen, "FRONTDESK_PUBLIC_URL="+s.URL(),
		"FRONTDESK_INTERNAL_LISTEN="+cmp.Or(s.Internal, "127.0.0.1:0"), "FRONTDESK_ADMIN_TOKEN="+s.Admin)
	s.cmd.Env = append(s.cmd.Env, s.Env...)
	s.cmd.Stdout, s.cmd.Stderr = s.Log, s.Log
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start frontdesk: %w", err)
	}
	return s.Ready(ctx)
}

func (s *System) command() []string {
	if s.Role != "" {
		return []string{s.Role}
	}
	return []string{"up", "--demo=" + cmp.Or(s.Demo, "none")}
}

// Ready waits until /readyz says so, on the internal listener if its address
// was given.
func (s *System) Ready(ctx context.Context) error {
	address := cmp.Or(s.Internal, s.Listen)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("frontdesk did not become ready: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// Kill ends the process as a power cut would (SIGKILL) and reaps it.
func (s *System) Kill() error { return s.end(syscall.SIGKILL) }

// Stop asks the process to end (SIGTERM) and waits for it.
func (s *System) Stop() error { return s.end(syscall.SIGTERM) }

func (s *System) end(sig syscall.Signal) error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal frontdesk: %w", err)
	}
	err := s.cmd.Wait()
	s.cmd = nil
	var exit *exec.ExitError
	if sig == syscall.SIGKILL && errors.As(err, &exit) {
		return nil
	}
	return err
}

var liveKey = regexp.MustCompile(`fd_live_[A-Za-z0-9_]+`)

// Apply runs "frontdesk apply" with b's file and returns the live key that it
// printed; on a repeat none is printed and the key is empty.
func (s *System) Apply(ctx context.Context, b Business) (key string, err error) {
	file := filepath.Join(s.Dir, b.Slug+".yaml")
	if err := os.WriteFile(file, b.YAML(), 0o600); err != nil {
		return "", fmt.Errorf("write the business: %w", err)
	}
	cmd := exec.CommandContext(ctx, s.Binary, "apply", "-f", file)
	cmd.Env = append(os.Environ(), "FRONTDESK_PUBLIC_URL="+s.URL(), "FRONTDESK_ADMIN_TOKEN="+s.Admin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("apply: %w: %s", err, strings.TrimSpace(out.String()))
	}
	return liveKey.FindString(out.String()), nil
}
