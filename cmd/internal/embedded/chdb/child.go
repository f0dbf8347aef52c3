package chdb

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// ListenerFD is the file descriptor under which a child finds the listener
// that its parent opened. The parent keeps it open, so the address stays the
// same, and nobody else's, from one child to the next.
const ListenerFD = 3

// Args are the arguments of [Child] for cfg; the password is not among them,
// since anyone may read a process's arguments.
func Args(cfg Config) []string {
	return []string{
		"-library", cfg.Library, "-path", cfg.Path,
		"-connections", fmt.Sprint(cfg.Connections),
		"-limit", cfg.StatementLimit.String(),
		"-grace", cfg.Grace.String(),
		"-memory", fmt.Sprint(cfg.MemoryBytes),
	}
}

// Child is the program of a child process: it serves an engine on the listener
// [ListenerFD] until ctx ends or the parent is gone. The first line of stdin is
// the password; stdin is then held open by the parent, so its end is the
// parent's.
func Child(ctx context.Context, args []string, stdin io.Reader) error {
	var cfg Config
	flags := flag.NewFlagSet("engine", flag.ContinueOnError)
	flags.StringVar(&cfg.Library, "library", "", "path of libchdb.so")
	flags.StringVar(&cfg.Path, "path", "", "folder of the data")
	flags.IntVar(&cfg.Connections, "connections", 0, "statements at once (0: 4)")
	flags.DurationVar(&cfg.StatementLimit, "limit", 0, "longest time of a statement (0: 1m)")
	flags.DurationVar(&cfg.Grace, "grace", 0, "what it gets beyond that before the engine ends (0: 30s)")
	flags.Uint64Var(&cfg.MemoryBytes, "memory", 0, "bytes the engine may take (0: 2 GiB)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	in := bufio.NewReader(stdin)
	line, err := in.ReadString('\n')
	if err != nil {
		return fmt.Errorf("read the password from standard input: %w", err)
	}
	cfg.Password = strings.TrimSpace(line)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // ends with the process: a read of stdin cannot be given up
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	ln, err := inherited()
	if err != nil {
		return err
	}
	engine, err := Open(cfg)
	if err != nil {
		return err
	}
	return engine.Serve(ctx, ln)
}

// inherited returns the listener that the parent opened.
func inherited() (net.Listener, error) {
	file := os.NewFile(ListenerFD, "listener")
	if file == nil {
		return nil, fmt.Errorf("no listener was passed as file %d: this command is started by frontdesk itself", ListenerFD)
	}
	defer file.Close()
	ln, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("take the listener passed as file %d: %w", ListenerFD, err)
	}
	return ln, nil
}
