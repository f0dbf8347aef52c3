package boot

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
)

// URL is an address that may hold a password. It shows without one; string(u)
// is the whole.
type URL string

// String returns the address with *** for its password.
func (u URL) String() string {
	parsed, err := url.Parse(string(u))
	if err != nil {
		return hidden
	}
	if _, has := parsed.User.Password(); has {
		parsed.User = url.UserPassword(parsed.User.Username(), hidden)
	}
	query := parsed.Query()
	for _, name := range []string{"password", "sslpassword"} {
		if query.Has(name) {
			query.Set(name, hidden)
			parsed.RawQuery = query.Encode()
		}
	}
	return parsed.String()
}

// Format keeps every verb of fmt from showing the password.
func (u URL) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// LogValue keeps slog from showing the password.
func (u URL) LogValue() slog.Value { return slog.StringValue(u.String()) }

// MarshalText keeps encoders from showing the password.
func (u URL) MarshalText() ([]byte, error) { return []byte(u.String()), nil }
