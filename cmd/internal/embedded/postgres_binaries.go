package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

const (
	oldestPostgres = 15
	// advice ends every error on what the machine lacks.
	advice = "run make setup, or name a server of your own in FRONTDESK_POSTGRES_URL"
)

// binaries are the programs of one PostgreSQL version.
type binaries struct {
	dir    string
	major  int
	vector bool // pgvector 0.8 or newer is there for it
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// findBinaries returns the newest PostgreSQL with pgvector on this machine, or
// the one of major version wanted where that is not 0: the files of a cluster
// can be read by their own version alone.
func findBinaries(ctx context.Context, wanted int) (binaries, error) {
	var found []binaries
	for _, dir := range binaryFolders() {
		if b, err := inspectBinaries(ctx, dir); err == nil {
			found = append(found, b)
		}
	}
	return chooseBinaries(found, wanted)
}

func chooseBinaries(found []binaries, wanted int) (binaries, error) {
	var best binaries
	for _, b := range found {
		if wanted != 0 && b.major != wanted || b.major < oldestPostgres {
			continue
		}
		if best.dir == "" || b.vector && !best.vector || b.vector == best.vector && b.major > best.major {
			best = b
		}
	}
	switch {
	case best.dir == "" && wanted != 0:
		return binaries{}, fmt.Errorf("the cluster here is of PostgreSQL %d, which this machine lacks: install postgresql-%d, %s", wanted, wanted, advice)
	case best.dir == "":
		return binaries{}, fmt.Errorf("this machine has no PostgreSQL %d or newer: %s", oldestPostgres, advice)
	case !best.vector:
		return binaries{}, fmt.Errorf("PostgreSQL %d on this machine has no pgvector 0.8 or newer: %s", best.major, advice)
	}
	return best, nil
}

// binaryFolders returns where distributions and people put the programs, which
// is seldom in the PATH.
func binaryFolders() []string {
	var folders []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"} {
		matches, err := filepath.Glob(pattern)
		if err == nil {
			folders = append(folders, matches...)
		}
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(path))
		}
	}
	return folders
}

var (
	serverVersion = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)
	vectorVersion = regexp.MustCompile(`default_version = '(\d+)\.(\d+)`)
)

func inspectBinaries(ctx context.Context, dir string) (binaries, error) {
	b := binaries{dir: dir}
	if _, err := os.Stat(b.path("initdb")); err != nil {
		return b, err
	}
	said, err := exec.CommandContext(ctx, b.path("postgres"), "--version").Output()
	if err != nil {
		return b, err
	}
	version := serverVersion.FindSubmatch(said)
	if version == nil {
		return b, errors.New("postgres names no version")
	}
	b.major, err = strconv.Atoi(string(version[1]))
	b.vector = hasVector(ctx, b)
	return b, err
}

// hasVector reports whether pgvector 0.8 or newer is installed for b.
func hasVector(ctx context.Context, b binaries) bool {
	share, err := exec.CommandContext(ctx, b.path("pg_config"), "--sharedir").Output()
	if err != nil {
		return false
	}
	control, err := os.ReadFile(filepath.Join(string(share[:max(0, len(share)-1)]), "extension", "vector.control"))
	if err != nil {
		return false
	}
	version := vectorVersion.FindSubmatch(control)
	if version == nil {
		return false
	}
	major, _ := strconv.Atoi(string(version[1]))
	minor, _ := strconv.Atoi(string(version[2]))
	return major > 0 || minor >= 8
}
