// Command testbed runs a command against real, throw-away engines:
//
//	go run ./cmd/testbed [--] go test ./...
//
// It starts a PostgreSQL and the ClickHouse engine in a temporary folder, names
// them to the command in FRONTDESK_TEST_POSTGRES_URL,
// FRONTDESK_TEST_CLICKHOUSE_URL and FRONTDESK_TEST_CHDB_LIB, and ends as the
// command does. An engine whose variable is set already is not started.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/cmd/internal/embedded/chdb"
)

const (
	postgresVariable   = "FRONTDESK_TEST_POSTGRES_URL"
	clickHouseVariable = "FRONTDESK_TEST_CLICKHOUSE_URL"
	libraryVariable    = "FRONTDESK_TEST_CHDB_LIB"

	// startWithin is ample: an engine is up within some seconds.
	startWithin = 2 * time.Minute
	// failed is the status of a testbed that could not run its command.
	failed = 125
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	args := os.Args[1:]
	if len(args) > 0 && args[0] == embedded.ClickHouseCommand {
		exitOn(chdb.Child(ctx, args[1:], os.Stdin))
		return
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		exitOn(errors.New("usage: testbed [--] COMMAND [ARGUMENT …]"))
	}
	status, err := run(ctx, args)
	exitOn(err)
	os.Exit(status)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "testbed:", err)
		os.Exit(failed)
	}
}

// run starts the engines, runs the command, stops the engines and returns the
// command's exit status.
func run(ctx context.Context, args []string) (int, error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	dir, err := os.MkdirTemp("", "frontdesk-testbed-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // PostgreSQL's user passes through it
		return 0, err
	}
	group := boot.NewGroup(ctx, log)
	began := time.Now()
	variables, err := startEngines(group, dir, log)
	if err != nil {
		group.Fail(err)
		return 0, group.Wait()
	}
	fmt.Fprintf(os.Stderr, "testbed: engines are up after %.1f s\n", time.Since(began).Seconds())
	status, err := execute(group.Context(), args, variables)
	group.Fail(errDone)
	if stopped := group.Wait(); !errors.Is(stopped, errDone) { // an engine was lost on the way
		err = errors.Join(err, stopped)
	}
	return status, err
}

// errDone is the cause of the stop when the command has ended.
var errDone = errors.New("the command has ended")

// startEngines starts what the environment does not name and returns the
// variables that name all.
func startEngines(group *boot.Group, dir string, log *slog.Logger) ([]string, error) {
	library, err := embedded.ClickHouseLibrary(os.Getenv(libraryVariable))
	if err != nil {
		return nil, err
	}
	variables := []string{libraryVariable + "=" + library}
	ctx, cancel := context.WithTimeout(group.Context(), startWithin)
	defer cancel()
	if os.Getenv(postgresVariable) == "" {
		url, err := startPostgres(ctx, group, filepath.Join(dir, "postgres"), log)
		if err != nil {
			return nil, err
		}
		variables = append(variables, postgresVariable+"="+url)
	}
	if os.Getenv(clickHouseVariable) == "" {
		url, err := startClickHouse(ctx, group, filepath.Join(dir, "clickhouse"), library, log)
		if err != nil {
			return nil, err
		}
		variables = append(variables, clickHouseVariable+"="+url)
	}
	return variables, nil
}

func startPostgres(ctx context.Context, group *boot.Group, dir string, log *slog.Logger) (string, error) {
	server := embedded.NewPostgres(embedded.PostgresConfig{Dir: dir, Log: log, Settings: map[string]string{
		"max_connections": "400", // every test has pools of its own
		// Nothing here outlives the tests.
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
	}})
	group.Go(boot.Engines, "postgres", server.Run)
	return server.URL(ctx)
}

func startClickHouse(ctx context.Context, group *boot.Group, dir, library string, log *slog.Logger) (string, error) {
	server, err := embedded.NewClickHouse(embedded.ClickHouseConfig{Dir: dir, Library: library, Log: log})
	if err != nil {
		return "", err
	}
	group.Close(boot.Engines, "clickhouse", func() { _ = server.Close() })
	group.Go(boot.Engines, "clickhouse", server.Run)
	return server.URL(), server.WaitReady(ctx)
}

// execute runs the command and returns its exit status. A signal to us is
// passed on by ending ctx; the command then has ten seconds.
func execute(ctx context.Context, args, variables []string) (int, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(cmd.Environ(), variables...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil // -1 for one that was killed
	}
	return 0, err
}
