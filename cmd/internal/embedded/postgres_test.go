package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// folder returns an empty folder that the server's user can reach, as a test's
// own folder is closed to others.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "postgres-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "postgres")
}

// needPostgres skips the test on a machine without the binaries.
func needPostgres(t *testing.T) {
	t.Helper()
	_, err := findBinaries(t.Context(), 0)
	switch {
	case err == nil:
	case os.Getenv("FRONTDESK_TEST_REQUIRE") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

// run starts a server on dir until the test ends or stop is called.
func run(t *testing.T, dir string) (p *Postgres, url string, stop func()) {
	t.Helper()
	needPostgres(t)
	elsewhere := filepath.Join(dir, "elsewhere") // for the process that is killed and cannot clean up
	if os.Getenv("POSTGRES_TEST_DIR") == "" {
		elsewhere = folder(t)
	}
	p = NewPostgres(PostgresConfig{Dir: dir, Elsewhere: elsewhere, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx); cancel() }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run() = %v, want nil", err)
		}
	})
	t.Cleanup(stop)
	waiting, stopWaiting := context.WithTimeout(ctx, time.Minute)
	defer stopWaiting()
	url, err := p.URL(waiting)
	if err != nil {
		t.Fatalf("not up: %v", err)
	}
	return p, url, stop
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func read1(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var got string
	if err := conn.QueryRow(t.Context(), sql).Scan(&got); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return got
}

// TestPostgresKeepsWhatItHasTaken goes through a server's life in one folder:
// killed, stopped, left behind by a killed parent, and locked by a stranger.
func TestPostgresKeepsWhatItHasTaken(t *testing.T) {
	dir := folder(t)
	p, url, stop := run(t, dir)
	exec1(t, url, `CREATE TABLE kept (word text)`)
	exec1(t, url, `INSERT INTO kept VALUES ('before the kill')`)

	killed := p.lockedBy()
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "up again after the kill", func() bool { return p.Ready() == nil && p.lockedBy() != killed })
	if got := read1(t, url, `SELECT word FROM kept`); got != "before the kill" {
		t.Errorf("after the kill the row is %q", got)
	}
	stop()
	if left := processesIn(p.data); len(left) > 0 {
		t.Errorf("processes %v are left after the stop", left)
	}

	killParent(t, dir)
	p, url, stop = run(t, dir)
	if got := read1(t, url, `SELECT word FROM kept`); got != "before the kill" {
		t.Errorf("after the killed parent the row is %q", got)
	}
	stop()

	stranger := p.as(exec.Command("sleep", "1000")) // of the server's user, else PostgreSQL would not mind it
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stranger.Process.Kill(); stranger.Wait() })
	lock := fmt.Appendf(nil, "%d\n%s\n1\n5432\n%s\n\n  1  1\n", stranger.Process.Pid, p.data, p.socket)
	if err := os.WriteFile(p.lockFile(), lock, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.giveAway(p.lockFile()); err != nil {
		t.Fatal(err)
	}
	_, url, _ = run(t, dir)
	if got := read1(t, url, `SELECT word FROM kept`); got != "before the kill" {
		t.Errorf("after the stranger's lock the row is %q", got)
	}
}

// killParent runs a server on dir from another process, which is this binary,
// and kills that process once the server is up. The server must have taken no
// notice: it is frozen meanwhile, as the death signal would stop it.
func killParent(t *testing.T, dir string) {
	t.Helper()
	parent := exec.Command(os.Args[0], "-test.run", "^TestPostgresParent$")
	parent.Env = append(os.Environ(), "POSTGRES_TEST_DIR="+dir)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Postgres{data: filepath.Join(dir, "data")}
	up := filepath.Join(dir, "up")
	eventually(t, "the other process's server", func() bool { _, err := os.Stat(up); return err == nil })
	server := p.lockedBy()
	if err := syscall.Kill(server, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	parent.Process.Kill()
	parent.Wait()
	if !alive(server) {
		t.Fatal("the server is gone with its parent; nothing is tested")
	}
	// It wakes while the next start waits for it.
	time.AfterFunc(100*time.Millisecond, func() { syscall.Kill(server, syscall.SIGCONT) })
}

// TestPostgresParent is the process that killParent starts; alone it does nothing.
func TestPostgresParent(t *testing.T) {
	dir := os.Getenv("POSTGRES_TEST_DIR")
	if dir == "" {
		return
	}
	run(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "up"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	select {} // until killed
}

func TestPostgresWritesThrough(t *testing.T) {
	_, url, _ := run(t, folder(t))
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes", "data_checksums"} {
		if got := read1(t, url, `SHOW `+setting); got != "on" {
			t.Errorf("%s is %q, want on", setting, got)
		}
	}
	if got := read1(t, url, `SHOW listen_addresses`); got != "" {
		t.Errorf("listens on %q, want nothing but its socket", got)
	}
	if _, err := pgx.Connect(t.Context(), strings.Replace(url, "frontdesk:", "frontdesk:wrong", 1)); err == nil {
		t.Error("a wrong password is taken")
	}
	exec1(t, url, `CREATE EXTENSION vector`)
}

func TestPostgresBeginsAnewWhatWasNotFinished(t *testing.T) {
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	_, url, _ := run(t, dir)
	if got := read1(t, url, `SELECT current_user::text`); got != ownerName {
		t.Errorf("connected as %q", got)
	}
}

func TestPostgresInAwkwardFolders(t *testing.T) {
	tests := []struct {
		name string
		dir  func(t *testing.T) string
	}{
		{"too deep for a socket", func(t *testing.T) string {
			deep := filepath.Join(filepath.Dir(folder(t)), strings.Repeat("d/", 50))
			if err := os.MkdirAll(deep, 0o755); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(deep, "postgres")
		}},
		{"closed to others", func(t *testing.T) string { return filepath.Join(t.TempDir(), "postgres") }},
		{"with a space and a quote", func(t *testing.T) string {
			odd := filepath.Join(filepath.Dir(folder(t)), "it's a folder")
			if err := os.MkdirAll(odd, 0o755); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(odd, "postgres")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := tt.dir(t)
			_, url, stop := run(t, dir)
			exec1(t, url, `CREATE TABLE kept AS SELECT 'yes' AS word`)
			stop()
			_, url, _ = run(t, dir)
			if got := read1(t, url, `SELECT word FROM kept`); got != "yes" {
				t.Errorf("after a restart the row is %q", got)
			}
		})
	}
}

func TestPostgresRefuses(t *testing.T) {
	needPostgres(t)
	tests := []struct {
		name string
		file string // in the cluster's folder, with content
		text string
		want string
	}{
		{"a cluster of a version that is not here", "data/PG_VERSION", "12\n", "the cluster here is of PostgreSQL 12, which this machine lacks"},
		{"a cluster without its password", "data/PG_VERSION", "15\n", "password is missing but the cluster it opens is there"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t)
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(tt.file)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(tt.want, "password") {
				if err := os.WriteFile(filepath.Join(dir, "password"), []byte("x\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p := NewPostgres(PostgresConfig{Dir: dir, Log: slog.New(slog.DiscardHandler)})
			if err := p.Run(t.Context()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Run() = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestPostgresRefusesAFolderInUse(t *testing.T) {
	dir := folder(t)
	p, _, _ := run(t, dir)
	second := NewPostgres(PostgresConfig{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err := second.Run(t.Context()); !errors.Is(err, ErrInUse) {
		t.Errorf("Run() = %v, want ErrInUse", err)
	}
	if err := p.Ready(); err != nil {
		t.Errorf("the second start disturbed the first: %v", err)
	}
}

func TestChooseBinaries(t *testing.T) {
	old := binaries{"/old", 14, true}
	plain := binaries{"/plain", 18, false}
	fifteen, sixteen := binaries{"/15", 15, true}, binaries{"/16", 16, true}
	tests := []struct {
		name   string
		found  []binaries
		wanted int
		dir    string
		err    string
	}{
		{"the newest", []binaries{fifteen, sixteen}, 0, "/16", ""},
		{"one with pgvector before a newer one without", []binaries{plain, fifteen}, 0, "/15", ""},
		{"the version of the cluster", []binaries{fifteen, sixteen}, 15, "/15", ""},
		{"not the version of the cluster", []binaries{sixteen}, 15, "", "install postgresql-15"},
		{"too old", []binaries{old}, 0, "", "no PostgreSQL 15 or newer"},
		{"none", nil, 0, "", "no PostgreSQL 15 or newer"},
		{"none with pgvector", []binaries{plain}, 0, "", "PostgreSQL 18 on this machine has no pgvector"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := chooseBinaries(tt.found, tt.wanted)
			if got.dir != tt.dir {
				t.Errorf("chose %q, want %q", got.dir, tt.dir)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error = %v, want %q", err, tt.err)
			}
			if err != nil && !strings.Contains(err.Error(), "FRONTDESK_POSTGRES_URL") {
				t.Errorf("error %q does not say what to do", err)
			}
		})
	}
}

func TestReaches(t *testing.T) {
	dir := filepath.Dir(folder(t))
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	me := &syscall.Credential{Uid: uint32(os.Geteuid()), Gid: uint32(os.Getegid())}
	fellow := &syscall.Credential{Uid: 4_000_000, Gid: me.Gid}
	other := &syscall.Credential{Uid: 4_000_000, Gid: 4_000_000}
	tests := []struct {
		name string
		mode fs.FileMode
		who  *syscall.Credential
		want bool
	}{
		{"ourselves", 0o000, nil, true},
		{"others, open", 0o711, other, true},
		{"others, closed", 0o750, other, false},
		{"the group, open", 0o710, fellow, true},
		{"the group, closed", 0o701, fellow, false},
		{"the owner", 0o700, me, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.Chmod(dir, tt.mode); err != nil {
				t.Fatal(err)
			}
			defer os.Chmod(dir, 0o755)
			if got := reaches(tt.who, inner); got != tt.want {
				t.Errorf("reaches() = %t, want %t", got, tt.want)
			}
		})
	}
}
