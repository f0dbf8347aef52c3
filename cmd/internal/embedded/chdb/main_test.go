package chdb_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"frontdesk/cmd/internal/embedded"
	"frontdesk/cmd/internal/embedded/chdb"
)

const (
	password  = "s3cret-of-the-test"
	childFlag = "run-as-engine" // first argument of a test binary that is to be the child
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childFlag {
		if err := chdb.Child(context.Background(), os.Args[2:], os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// library returns the path of libchdb, or ends t where there is none.
func library(t testing.TB) string {
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

// child is an engine in a process of its own.
type child struct {
	addr string
	cmd  *exec.Cmd
	in   interface{ Close() error }
	ln   *os.File
	cfg  chdb.Config
}

// start runs an engine on cfg.Path, an empty folder if it names none.
func start(t testing.TB, cfg chdb.Config) *child {
	t.Helper()
	cfg.Library = library(t)
	if cfg.Path == "" {
		cfg.Path = t.TempDir()
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := ln.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{addr: ln.Addr().String(), ln: file, cfg: cfg}
	_ = ln.Close() // the duplicate lives on
	t.Cleanup(func() { _ = file.Close() })
	c.run(t)
	t.Cleanup(func() { c.stop(t) })
	return c
}

func (c *child) run(t testing.TB) {
	t.Helper()
	c.cmd = exec.Command(os.Args[0], append([]string{childFlag}, chdb.Args(c.cfg)...)...)
	c.cmd.Stderr = os.Stderr
	c.cmd.ExtraFiles = []*os.File{c.ln}
	in, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.in = in
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(in, password); err != nil {
		t.Fatal(err)
	}
}

// stop closes the child's standard input, as the end of its parent would.
func (c *child) stop(t testing.TB) {
	if c.cmd.ProcessState != nil {
		return
	}
	_ = c.in.Close()
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("the engine ended with %v", err)
	}
}

// kill ends the child as kill -9 does, and waits until it is gone.
func (c *child) kill(t testing.TB) {
	t.Helper()
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait()
}

func (c *child) options() *clickhouse.Options {
	return &clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{c.addr},
		Auth:     clickhouse.Auth{Username: "default", Password: password, Database: "default"},
	}
}

// open connects with clickhouse-go.
func open(t testing.TB, opts *clickhouse.Options) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func exec1(t testing.TB, conn driver.Conn, query string, args ...any) {
	t.Helper()
	if err := conn.Exec(deadline(t), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// count runs a query that gives one number.
func count(t testing.TB, conn driver.Conn, query string, args ...any) uint64 {
	t.Helper()
	var n uint64
	if err := conn.QueryRow(deadline(t), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}
