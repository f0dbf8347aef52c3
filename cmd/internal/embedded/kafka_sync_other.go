//go:build !linux

package embedded

import (
	"os"
	"syscall"
)

// syncFolder forces all that was written to the disk; only Linux can do so for
// one file system alone.
func syncFolder(*os.File) error { syscall.Sync(); return nil }
