package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// place makes the folders and finds the user that the server runs as.
func (p *Postgres) place() error {
	var err error
	if p.runAs, err = serverUser(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(p.config.Dir), 0o711); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	// The path itself, as the server changes to it.
	parent, err := filepath.Abs(filepath.Dir(p.config.Dir))
	if err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	home := filepath.Join(parent, filepath.Base(p.config.Dir))
	_, err = os.Lstat(home)
	switch {
	case err == nil:
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look for the cluster: %w", err)
	case reaches(p.runAs, parent):
		err = os.Mkdir(home, 0o711)
	default:
		err = p.placeElsewhere(home)
	}
	if err != nil {
		return fmt.Errorf("make the cluster's folder: %w", err)
	}
	if home, err = filepath.EvalSymlinks(home); err != nil {
		return fmt.Errorf("find the cluster: %w", err)
	}
	if !reaches(p.runAs, home) {
		return fmt.Errorf("the server's user cannot enter %s: let others enter its folders (chmod o+x)", home)
	}
	p.data, p.socket = filepath.Join(home, "data"), filepath.Join(home, "run")
	return nil
}

// placeElsewhere makes a folder that the server's user can reach, and a link to
// it at home.
func (p *Postgres) placeElsewhere(home string) error {
	if err := os.MkdirAll(p.config.Elsewhere, 0o711); err != nil {
		return err
	}
	real, err := os.MkdirTemp(p.config.Elsewhere, "postgres-")
	if err != nil {
		return err
	}
	if err := os.Chmod(real, 0o711); err != nil {
		return err
	}
	p.config.Log.Info("the server's user cannot enter the data folder; the cluster is kept elsewhere", "folder", home, "cluster", real)
	return os.Symlink(real, home)
}

// serverUser returns whom to run the server as: nil for ourselves, and where we
// are root, which PostgreSQL refuses, the distribution's postgres or nobody.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(account.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(account.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as: " + advice)
}

// reaches reports whether the user can enter dir and all above it.
func reaches(who *syscall.Credential, dir string) bool {
	for ; who != nil; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		owner, ok := info.Sys().(*syscall.Stat_t)
		enter := fs.FileMode(0o001)
		switch {
		case ok && owner.Uid == who.Uid:
			enter = 0o100
		case ok && owner.Gid == who.Gid:
			enter = 0o010
		}
		if info.Mode()&enter == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return true
}

// ownFolder makes a folder of the server's user which nobody else enters.
func (p *Postgres) ownFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return p.giveAway(dir)
}

func (p *Postgres) giveAway(path string) error {
	if p.runAs == nil {
		return nil
	}
	return os.Chown(path, int(p.runAs.Uid), int(p.runAs.Gid))
}

// plainSocket is a path that the kernel takes with the socket's own name behind
// it, and that server and client read alike: a comma would part two hosts.
var plainSocket = regexp.MustCompile(`^[A-Za-z0-9/._-]{1,90}$`)

// openSocketFolder makes the folder of the socket: beside the cluster, or in
// the machine's temporary folder where that path will not do.
func (p *Postgres) openSocketFolder() error {
	if !plainSocket.MatchString(p.socket) {
		short, err := os.MkdirTemp("", "frontdesk-")
		if err != nil {
			return fmt.Errorf("make the socket's folder: %w", err)
		}
		p.socket = short
	}
	if err := p.ownFolder(p.socket); err != nil {
		return fmt.Errorf("make the socket's folder: %w", err)
	}
	return nil
}

func (p *Postgres) removeShortSocket() {
	if p.socket != filepath.Join(filepath.Dir(p.data), "run") {
		os.RemoveAll(p.socket)
	}
}

// clusterVersion returns the major version that made the cluster, 0 for none.
func clusterVersion(data string) (int, error) {
	said, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(said)))
	if err != nil {
		return 0, fmt.Errorf("read the cluster's version: %w", err)
	}
	return major, nil
}

// makeCluster makes the cluster under another name and renames it last, so that
// what bears its name is whole.
func (p *Postgres) makeCluster(ctx context.Context, password string) error {
	p.config.Log.Info("the database is made, once; this takes some seconds", "folder", p.data, "postgres", p.binaries.major)
	unfinished := p.data + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	if err := p.ownFolder(unfinished); err != nil {
		return err
	}
	secret := filepath.Join(p.socket, "initial-password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(secret)
	if err := p.giveAway(secret); err != nil {
		return err
	}
	// Collation C orders UTF-8 like C.UTF-8 does, and compares without asking libc.
	err := p.execute(ctx, "", "initdb", "--pgdata", unfinished, "--username", ownerName, "--pwfile", secret,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--lc-collate", "C", "--data-checksums")
	if err != nil {
		return err
	}
	err = p.execute(ctx, "CREATE DATABASE "+databaseName+"\n", "postgres", "--single", "-D", unfinished, "template1")
	if err != nil {
		return err
	}
	return os.Rename(unfinished, p.data)
}

// execute runs one of the programs to its end. Its error ends with what the
// program said.
func (p *Postgres) execute(ctx context.Context, input, program string, args ...string) error {
	cmd := p.as(exec.CommandContext(ctx, p.binaries.path(program), args...))
	cmd.Stdin = strings.NewReader(input)
	said, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(said))
	}
	return nil
}

// oldServerWithin bounds the wait for processes of an earlier server.
const oldServerWithin = 8 * time.Second

// awaitOldServer returns once no process of an earlier server is in the data
// folder. A killed postmaster's backends end by themselves; one that lives,
// because its parent was killed and its pid file is gone, is stopped.
func (p *Postgres) awaitOldServer(ctx context.Context) error {
	asked := false
	for deadline := time.Now().Add(oldServerWithin); ; {
		pids := processesIn(p.data)
		if len(pids) == 0 {
			return nil
		}
		if postmaster := p.lockedBy(); !asked && postmaster > 0 && slices.Contains(pids, postmaster) {
			p.config.Log.Warn("a server of an earlier run still runs and is stopped", "pid", postmaster)
			_ = syscall.Kill(postmaster, syscall.SIGINT) // gone meanwhile: the next look shows it
			asked = true
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("processes %v of an earlier server are still in %s: stop them first", pids, p.data)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// processesIn returns the processes whose working folder is data: a server and
// its backends live there.
func processesIn(data string) []int {
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		return nil
	}
	var pids []int
	for _, link := range links {
		if dir, err := os.Readlink(link); err != nil || dir != data {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func (p *Postgres) lockFile() string { return filepath.Join(p.data, "postmaster.pid") }

// lockedBy returns the process that the cluster's own lock names, or 0.
func (p *Postgres) lockedBy() int {
	content, err := os.ReadFile(p.lockFile())
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		return 0
	}
	return pid
}

// dropStrangersLock removes the cluster's lock when its number has gone to some
// other process, as after a restart of the container: PostgreSQL would refuse
// to start. It is called when no process of the cluster is left.
func (p *Postgres) dropStrangersLock() error {
	pid := p.lockedBy()
	if pid == 0 || syscall.Kill(pid, 0) != nil {
		return nil // PostgreSQL sees for itself that the lock is stale
	}
	p.config.Log.Warn("the cluster's lock names a process that is no server of ours; it is removed", "pid", pid)
	if err := os.Remove(p.lockFile()); err != nil {
		return fmt.Errorf("remove a stale lock: %w", err)
	}
	return nil
}
