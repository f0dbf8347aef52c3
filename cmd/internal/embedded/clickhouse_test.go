package embedded_test

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"frontdesk/cmd/internal/embedded"
	"frontdesk/cmd/internal/embedded/chdb"
)

// asEngine, as the first argument, makes this test binary the child.
const asEngine = "as-clickhouse-engine"

// TestClickHouseChild is no test: it is the engine, when a test starts it so.
func TestClickHouseChild(t *testing.T) {
	if !slices.Contains(flag.Args(), asEngine) {
		t.Skip("the program of the embedded ClickHouse's tests")
	}
	if err := chdb.Child(context.Background(), flag.Args()[1:], os.Stdin); err != nil {
		t.Fatal(err)
	}
}

func chdbLibrary(t testing.TB) string {
	t.Helper()
	path, err := embedded.ClickHouseLibrary(os.Getenv("FRONTDESK_TEST_CHDB_LIB"))
	if err == nil {
		return path
	}
	if os.Getenv("FRONTDESK_TEST_REQUIRE") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
	return ""
}

// runClickHouse runs an engine on dir until the test ends or stop is called.
func runClickHouse(t *testing.T, dir string) (engine *embedded.ClickHouse, stop func()) {
	t.Helper()
	engine, err := embedded.NewClickHouse(embedded.ClickHouseConfig{
		Dir: dir, Library: chdbLibrary(t), Program: os.Args[0], Args: []string{"-test.run=^TestClickHouseChild$", "--", asEngine},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- engine.Run(ctx) }()
	var stopped bool
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run ended with %v", err)
		}
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	waiting, done := context.WithTimeout(context.Background(), 30*time.Second)
	defer done()
	if err := engine.WaitReady(waiting); err != nil {
		t.Fatal(err)
	}
	return engine, stop
}

func dialClickHouse(t *testing.T, engine *embedded.ClickHouse) driver.Conn {
	t.Helper()
	opts, err := clickhouse.ParseDSN(engine.URL())
	if err != nil {
		t.Fatal(err)
	}
	opts.Auth.Database = "default"
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func enginePID(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(b))[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestClickHouseSurvivesKillAndRestart(t *testing.T) {
	dir := t.TempDir()
	engine, stop := runClickHouse(t, dir)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn := dialClickHouse(t, engine)
	for _, q := range []string{
		"CREATE TABLE kept (x UInt64) ENGINE = MergeTree ORDER BY x",
		"INSERT INTO kept SELECT number FROM numbers(500)",
	} {
		if err := conn.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Kill(enginePID(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	rows := func(conn driver.Conn) (n uint64) {
		if err := conn.QueryRow(ctx, "SELECT count() FROM kept").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	// The request waits at the parent's listener until the next child answers;
	// the connection that died with the first may be told so once.
	_ = conn.Ping(ctx)
	if n := rows(conn); n != 500 {
		t.Errorf("%d rows after a kill, want 500", n)
	}
	stop()
	engine, _ = runClickHouse(t, dir)
	if n := rows(dialClickHouse(t, engine)); n != 500 {
		t.Errorf("%d rows after a restart, want 500", n)
	}
}

func TestClickHouseEndsWithItsParent(t *testing.T) {
	dir := t.TempDir()
	engine, _ := runClickHouse(t, dir)
	pid := enginePID(t, dir)
	if err := engine.Close(); err != nil { // what the end of this process would do to the pipe
		t.Fatal(err)
	}
	for began := time.Now(); syscall.Kill(pid, 0) == nil; runtime.Gosched() {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

func TestClickHouseSaysWhyItDoesNotStart(t *testing.T) {
	notOne := filepath.Join(t.TempDir(), "libchdb.so")
	if err := os.WriteFile(notOne, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	engine, err := embedded.NewClickHouse(embedded.ClickHouseConfig{
		Dir: t.TempDir(), Library: notOne, Program: os.Args[0], Args: []string{"-test.run=^TestClickHouseChild$", "--", asEngine},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { _ = engine.Run(ctx) }()
	waiting, done := context.WithTimeout(ctx, 2*time.Second)
	defer done()
	if err := engine.WaitReady(waiting); err == nil || !strings.Contains(err.Error(), notOne) {
		t.Errorf("error is %v, want one that names %s", err, notOne)
	}
}

func TestClickHouseLibrary(t *testing.T) {
	if _, err := embedded.ClickHouseLibrary(filepath.Join(t.TempDir(), "libchdb.so")); err == nil {
		t.Error("a named library that is not there is found")
	}
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filepath.Join(".cache", "chdb"), 0o700); err != nil {
		t.Fatal(err)
	}
	want, _ := filepath.Abs(filepath.Join(".cache", "chdb", "libchdb.so"))
	if err := os.WriteFile(want, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := embedded.ClickHouseLibrary(""); err != nil || got != want {
		t.Errorf("found %q, %v; want %q", got, err, want)
	}
}
