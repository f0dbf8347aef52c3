package boot

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const hidden = "***"

// Secret is a credential. However it is printed, logged or encoded, it shows
// as ***; string(s) is its value.
type Secret string

// String returns ***, or nothing for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// Format keeps every verb of fmt from showing the value, the wrong ones too.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue keeps slog from showing the value.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText keeps encoders from showing the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// keyBytes is the length of a [Key].
const keyBytes = 32

// Key is 32 bytes, written as base64, that show as ***. The zero key is none.
type Key struct {
	bytes string // comparable, and never changed
}

// Bytes returns the key, or nil for none.
func (k Key) Bytes() []byte {
	if k.bytes == "" {
		return nil
	}
	return []byte(k.bytes)
}

// UnmarshalText reads base64 of 32 bytes, with or without padding, in either
// alphabet. Its error does not quote the text.
func (k *Key) UnmarshalText(text []byte) error {
	plain := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimSpace(string(text))), "=")
	decoded, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil || len(decoded) != keyBytes {
		return errors.New("not base64 of 32 bytes")
	}
	k.bytes = string(decoded)
	return nil
}

// Format keeps every verb of fmt from showing the key.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Secret(k.bytes).String()) }

// LogValue keeps slog from showing the key.
func (k Key) LogValue() slog.Value { return Secret(k.bytes).LogValue() }

// MarshalText keeps encoders from showing the key.
func (k Key) MarshalText() ([]byte, error) { return Secret(k.bytes).MarshalText() }
