package embedded

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

// PostgresConfig says where a cluster of our own lives.
type PostgresConfig struct {
	// Dir holds the cluster, its password and its pid file. It is made if it is
	// not there.
	Dir string
	// Elsewhere takes the cluster, with a link in its place, if the user that the
	// server runs as cannot reach Dir: only where we are root, whom PostgreSQL
	// refuses. Empty is /var/lib/frontdesk.
	Elsewhere string
	// Settings are set over our own, such as fsync for tests.
	Settings map[string]string
	// Log gets the supervisor's lines, and the server's at debug level.
	Log *slog.Logger
}

// Postgres is a PostgreSQL server of our own: a cluster in a folder, run as a
// child from the machine's binaries, reached over a Unix socket with a password
// that only we know. What it has acknowledged is on disk.
type Postgres struct {
	config     PostgresConfig
	supervisor *Supervisor

	// Set by prepare, before the first start.
	binaries binaries
	runAs    *syscall.Credential // nil: as ourselves
	data     string              // the cluster
	socket   string              // the folder of the socket
	url      string
}

// NewPostgres returns a server on config's folder. It does nothing yet.
func NewPostgres(config PostgresConfig) *Postgres {
	if config.Elsewhere == "" {
		config.Elsewhere = "/var/lib/frontdesk"
	}
	p := &Postgres{config: config}
	p.supervisor = Supervise(Child{
		Name:       "postgres",
		Prepare:    p.prepare,
		Command:    p.command,
		Probe:      p.probe,
		PIDFile:    filepath.Join(config.Dir, "postgres.pid"),
		StopSignal: syscall.SIGINT, // "fast": sessions are ended, all is written down
		Log:        config.Log,
	})
	return p
}

// Run makes the cluster if there is none and keeps its server running until
// ctx ends. Its error says what the machine lacks, and what to do.
func (p *Postgres) Run(ctx context.Context) error {
	if err := p.place(); err != nil {
		return p.supervisor.fail(err)
	}
	defer p.removeShortSocket()
	return p.supervisor.Run(ctx)
}

// Ready returns nil while the server takes connections, else why it does not.
func (p *Postgres) Ready() error { return p.supervisor.Ready() }

// URL waits until the server takes connections and returns how to reach it, as
// the owner of an empty database or of what was migrated into it before.
func (p *Postgres) URL(ctx context.Context) (string, error) {
	if err := p.supervisor.WaitReady(ctx); err != nil {
		return "", err
	}
	return p.url, nil
}

const (
	ownerName    = "frontdesk"
	databaseName = "frontdesk"
	socketPort   = "5432" // part of the socket's name; nothing listens on it
)

// prepare finds the binaries and makes the cluster where there is none.
func (p *Postgres) prepare(ctx context.Context) error {
	password, err := p.password()
	if err != nil {
		return err
	}
	wanted, err := clusterVersion(p.data)
	if err != nil {
		return err
	}
	if p.binaries, err = findBinaries(ctx, wanted); err != nil {
		return err
	}
	if err := p.openSocketFolder(); err != nil {
		return err
	}
	if wanted == 0 {
		if err := p.makeCluster(ctx, password); err != nil {
			return fmt.Errorf("make the cluster: %w", err)
		}
	}
	if err := p.awaitOldServer(ctx); err != nil {
		return err
	}
	p.url = ownerURL(p.socket, password)
	return nil
}

// ownerURL is how the owner reaches the database over the socket in a folder.
func ownerURL(socket, password string) string {
	query := url.Values{"host": {socket}, "port": {socketPort}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(ownerName, password), Path: "/" + databaseName, RawQuery: query.Encode()}
	return u.String()
}

// settings suit a laptop that does other things too. What is acknowledged is
// on disk: fsync and synchronous_commit stay on.
func (p *Postgres) settings() map[string]string {
	settings := map[string]string{
		"listen_addresses":        "",
		"port":                    socketPort,
		"unix_socket_directories": p.socket,
		"unix_socket_permissions": "0700",
		"max_connections":         "120",
		"shared_buffers":          "128MB",
		"max_wal_size":            "1GB",
		"random_page_cost":        "1.1", // disks without arms
		"jit":                     "off", // our queries are short
		"logging_collector":       "off", // we are the collector
		"log_line_prefix":         "",
		"log_min_messages":        "warning",
		// Parallel workers share memory in /dev/shm, which containers keep small.
		"max_parallel_workers_per_gather":  "0",
		"max_parallel_maintenance_workers": "0",
	}
	maps.Copy(settings, p.config.Settings)
	return settings
}

// command makes the server's command line; it is run anew for each start.
func (p *Postgres) command() (*exec.Cmd, error) {
	if err := p.awaitOldServer(context.Background()); err != nil {
		return nil, err
	}
	if err := p.dropStrangersLock(); err != nil {
		return nil, err
	}
	args := []string{"-D", p.data}
	settings := p.settings()
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return p.as(exec.Command(p.binaries.path("postgres"), args...)), nil
}

// as makes cmd run as the server's user, in a folder which that user can reach
// and in English, as we read what it says.
func (p *Postgres) as(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.runAs}
	cmd.Dir = "/"
	cmd.Env = append(cmd.Environ(), "LC_MESSAGES=C", "LANGUAGE=")
	cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool { return strings.HasPrefix(v, "PG") || strings.HasPrefix(v, "LC_ALL=") })
	return cmd
}

func (p *Postgres) probe(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, p.url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// password returns the owner's password, which is made once and kept in Dir.
func (p *Postgres) password() (string, error) {
	path := filepath.Join(p.config.Dir, "password")
	kept, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if _, err := os.Stat(filepath.Join(p.data, "PG_VERSION")); err == nil {
		return "", fmt.Errorf("%s is missing but the cluster it opens is there: put it back", path)
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the password: %w", err)
	}
	return password, nil
}
