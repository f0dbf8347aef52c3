// Package e2e holds the tests of the whole system: the frontdesk binary as a
// process on its embedded engines, a provider on the wire, and faults between.
package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/cmd/internal/ledger"
)

// binary is the frontdesk under test, built once for all tests; empty where
// the tests cannot run.
var binary string

func TestMain(m *testing.M) {
	if dir := os.Getenv("FRONTDESK_TEST_BROKER_DIR"); dir != "" {
		os.Exit(brokerChild(dir))
	}
	os.Exit(withBinary(m))
}

// withBinary builds the binary and runs the tests on it; FRONTDESK_TEST_BINARY
// names one that is there already.
func withBinary(m *testing.M) int {
	if binary = os.Getenv("FRONTDESK_TEST_BINARY"); binary != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "frontdesk-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "frontdesk")
	if out, err := exec.Command("go", "build", "-o", path, "frontdesk/cmd/frontdesk").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build frontdesk: %v\n%s", err, out)
		return 1
	}
	binary = path
	return m.Run()
}

// scene is one system with one business and the provider it sends through.
type scene struct {
	*ledger.System
	ledger.Business
	provider *ledger.Provider
	key      string // live API key that may do all
}

// start brings up a system on a data folder of its own, on embedded engines,
// and applies a business to it. env are further FRONTDESK_* settings.
func start(t *testing.T, env ...string) *scene {
	t.Helper()
	return startWith(t, &ledger.Provider{}, func(*ledger.Business) {}, env...)
}

// startWith is start with a provider that the test has set up, and a business
// that it changes.
func startWith(t *testing.T, provider *ledger.Provider, change func(*ledger.Business), env ...string) *scene {
	t.Helper()
	s := raise(t, provider, "", env...)
	change(&s.Business)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var err error
	if s.key, err = s.Apply(ctx, s.Business); err != nil {
		t.Fatal(err)
	}
	return s
}

// raise brings up a system with the demo business named, and none if it is
// empty.
func raise(t *testing.T, provider *ledger.Provider, demo string, env ...string) *scene {
	t.Helper()
	if os.Getenv("FRONTDESK_TEST_REQUIRE") == "" && os.Getenv("FRONTDESK_TEST_CHDB_LIB") == "" {
		t.Skip("needs the embedded engines; make test sets them up")
	}
	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Close() })
	dir, err := os.MkdirTemp("", "frontdesk-data-") // not t.TempDir: its parents are closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres runs as another user where we are root
		t.Fatal(err)
	}
	if lib := os.Getenv("FRONTDESK_TEST_CHDB_LIB"); lib != "" {
		env = append(env, "FRONTDESK_CHDB_LIB="+lib)
	}
	log, err := os.Create(filepath.Join(dir, "frontdesk.log"))
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{
		System:   &ledger.System{Binary: binary, Dir: dir, Listen: freeAddress(t), Admin: "e2e-admin-token-0", Env: env, Log: log, Demo: demo},
		Business: ledger.DefaultBusiness(provider.URL()),
		provider: provider,
	}
	t.Cleanup(func() { s.end(t) })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *scene) end(t *testing.T) {
	if err := s.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if t.Failed() {
		out, _ := os.ReadFile(s.Log.Name())
		t.Logf("frontdesk's output ended with:\n%s", out[max(0, len(out)-8000):])
	}
	_ = s.Log.Close()
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
