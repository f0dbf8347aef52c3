package embedded

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFolder forces all that was written beside f to the disk with one call;
// the log has a hundred files.
func syncFolder(f *os.File) error { return unix.Syncfs(int(f.Fd())) }
