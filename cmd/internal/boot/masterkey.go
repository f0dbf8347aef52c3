package boot

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// MakeDataDir makes the data folder. Others may pass through it, as the
// embedded Postgres runs as another user where we are root, but not look in.
func (c Config) MakeDataDir() error {
	if err := os.MkdirAll(c.DataDir, 0o711); err != nil {
		return fmt.Errorf("%sDATA_DIR: expected a folder that can be written: %w", prefix, err)
	}
	return nil
}

// KeepMasterKey returns the master key. Where none is set, which [Parse] allows
// with the embedded database alone, it is made once and kept in the data
// folder, readable by us only: what it seals is in there too.
func (c Config) KeepMasterKey() (Key, error) {
	if c.MasterKey != (Key{}) {
		return c.MasterKey, nil
	}
	if err := c.MakeDataDir(); err != nil {
		return Key{}, err
	}
	path := filepath.Join(c.DataDir, "master.key")
	var kept Key
	content, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := kept.UnmarshalText(content); err != nil {
			return Key{}, fmt.Errorf("%s: expected base64 of 32 bytes; put the key back that sealed this data folder", path)
		}
		return kept, nil
	case !errors.Is(err, fs.ErrNotExist):
		return Key{}, fmt.Errorf("read the master key: %w", err)
	}
	made := make([]byte, keyBytes)
	_, _ = rand.Read(made) // never fails
	if err := writeWhole(path, base64.StdEncoding.EncodeToString(made)+"\n"); err != nil {
		return Key{}, fmt.Errorf("keep the master key: %w", err)
	}
	return Key{string(made)}, nil
}

// writeWhole writes a file that is there whole, and on disk, or not at all.
func writeWhole(path, content string) error {
	unfinished, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = unfinished.WriteString(content)
	if err := errors.Join(err, unfinished.Sync(), unfinished.Close()); err != nil {
		return err
	}
	return os.Rename(unfinished.Name(), path)
}
