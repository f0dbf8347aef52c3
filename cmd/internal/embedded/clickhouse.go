package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"frontdesk/cmd/internal/embedded/chdb"
)

// ClickHouseCommand is the hidden subcommand of frontdesk that is the child.
const ClickHouseCommand = "clickhouse-engine"

// ClickHouseConfig says how to run the embedded ClickHouse.
type ClickHouseConfig struct {
	// Dir is the folder of its data. It is made if it is not there.
	Dir string
	// Library is the path of libchdb.so; [ClickHouseLibrary] finds it.
	Library string
	// Program and Args start the child, which runs [chdb.Child] on what
	// follows Args. Empty: this program with [ClickHouseCommand].
	Program string
	Args    []string
	// Engine bounds the engine: connections, statement time, memory. Its
	// Library, Path and Password are not looked at.
	Engine chdb.Config
	// Log gets a line on each start and death of the child.
	Log *slog.Logger
}

// ClickHouse is the engine in a supervised child process. Its URL stays the
// same, and answers again, when the child dies and is started anew: requests
// of the meantime wait at a listener that this process keeps open.
type ClickHouse struct {
	*Supervisor
	cfg      ClickHouseConfig
	url      *url.URL
	listener *os.File

	mu    sync.Mutex
	pipes []*os.File // of the child that runs: closed when the next starts, and at the end
}

// NewClickHouse prepares an engine on a free port of loopback, behind a
// password that is new each time. Run starts it; Close frees the port.
func NewClickHouse(cfg ClickHouseConfig) (*ClickHouse, error) {
	if cfg.Program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("embedded clickhouse: %w", err)
		}
		cfg.Program, cfg.Args = self, []string{ClickHouseCommand}
	}
	var err error
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, fmt.Errorf("embedded clickhouse: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded clickhouse: %w", err)
	}
	listener, addr, err := listen()
	if err != nil {
		return nil, fmt.Errorf("embedded clickhouse: %w", err)
	}
	cfg.Engine.Library, cfg.Engine.Path, cfg.Engine.Password = cfg.Library, cfg.Dir, rand.Text()
	c := &ClickHouse{cfg: cfg, listener: listener}
	c.url = &url.URL{Scheme: "http", User: url.UserPassword("default", cfg.Engine.Password), Host: addr, Path: "/frontdesk"}
	c.Supervisor = Supervise(Child{
		Name: "clickhouse", Command: c.command, Probe: c.ping, PIDFile: filepath.Join(cfg.Dir, "pid"), Log: cfg.Log,
		StopWithin: chdb.StopWithin,
	})
	return c, nil
}

// listen opens a port on loopback that children can inherit.
func listen() (*os.File, string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	defer ln.Close() // the file is a listener of its own
	file, err := ln.(*net.TCPListener).File()
	return file, ln.Addr().String(), err
}

// URL returns where the engine is reached, with its password: what
// FRONTDESK_CLICKHOUSE_URL would hold of a server.
func (c *ClickHouse) URL() string { return c.url.String() }

// Close frees the port, once Run has returned. Safe to call again.
func (c *ClickHouse) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.closePipes()
	if closing := c.listener.Close(); !errors.Is(closing, os.ErrClosed) {
		err = errors.Join(err, closing)
	}
	return err
}

// command makes the child's command. The password goes through a pipe, as
// anyone may read arguments and environment of the same user's processes; the
// pipe stays open as long as this process lives, which is how the child learns
// of its end.
func (c *ClickHouse) command() (*exec.Cmd, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.closePipes(); err != nil {
		return nil, err
	}
	in, out, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.pipes = []*os.File{in, out}
	if _, err := fmt.Fprintln(out, c.cfg.Engine.Password); err != nil {
		return nil, err
	}
	args := append(append([]string(nil), c.cfg.Args...), chdb.Args(c.cfg.Engine)...)
	cmd := exec.Command(c.cfg.Program, args...)
	cmd.Stdin = in
	cmd.ExtraFiles = []*os.File{c.listener} // becomes chdb.ListenerFD
	// Nothing of ours is the engine's business, and it reads a config.xml of
	// its working folder and one below its home.
	cmd.Env, cmd.Dir = []string{"TZ=UTC", "HOME=" + c.cfg.Dir}, c.cfg.Dir
	return cmd, nil
}

func (c *ClickHouse) closePipes() error {
	var errs []error
	for _, p := range c.pipes {
		errs = append(errs, p.Close())
	}
	c.pipes = nil
	return errors.Join(errs...)
}

// ping returns nil once the engine runs statements.
func (c *ClickHouse) ping(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.url.Host+"/?query=SELECT+1", nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth("default", c.cfg.Engine.Password)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("clickhouse answers %s", res.Status)
	}
	return nil
}

// ErrNoClickHouse means that this machine has no libchdb.so.
var ErrNoClickHouse = errors.New("no ClickHouse engine on this machine: run make setup, which fetches libchdb.so, or set FRONTDESK_CLICKHOUSE_URL to a server")

// ClickHouseLibrary finds libchdb.so: the path that was named (and no other
// then), else .cache/chdb in the working folder, else beside this program's
// folder, else frontdesk/chdb in the user's cache folder. The set-up of a
// machine puts the file libchdb.so of the npm package
// @chdb/lib-linux-x64-gnu (26.5.3; -arm64-gnu alike) into the first of these.
func ClickHouseLibrary(named string) (string, error) {
	if named != "" {
		if _, err := os.Stat(named); err != nil {
			return "", fmt.Errorf("libchdb.so: %w", err)
		}
		return filepath.Abs(named)
	}
	folders := []string{filepath.Join(".cache", "chdb")}
	if self, err := os.Executable(); err == nil {
		folders = append(folders, filepath.Join(filepath.Dir(self), "..", ".cache", "chdb"))
	}
	if cache, err := os.UserCacheDir(); err == nil {
		folders = append(folders, filepath.Join(cache, "frontdesk", "chdb"))
	}
	for _, folder := range folders {
		path := filepath.Join(folder, "libchdb.so")
		if _, err := os.Stat(path); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", ErrNoClickHouse
}
