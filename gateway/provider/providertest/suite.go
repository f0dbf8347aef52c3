package providertest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Adapter is one adapter with the material to test it.
type Adapter struct {
	// Parse is its parser and Callbacks some bodies, by name.
	Parse     func(body []byte) ([]provider.Update, error)
	Callbacks map[string][]byte

	// Sign returns the header of a callback, and Verify checks it.
	Sign   func(body []byte, secret provider.Secret) string
	Verify func(header string, body []byte, secret provider.Secret) bool

	// Sender returns its sender, Channel a channel whose provider is at
	// baseURL, and Message one that may be sent.
	Sender  func(transport http.RoundTripper, timeout time.Duration) provider.Sender
	Channel func(baseURL string) provider.Channel
	Message ingest.Message

	// Taken is what the provider answers to a message that it takes, under
	// which id. The others are its errors.
	Taken, TakenID string
	Status         int    // of Taken
	BadCredentials string // with 401
	TooFast        string // with 429
	Fault          string // with 500
}

// Run tests a.
func Run(t *testing.T, a Adapter) {
	t.Run("parse", a.parse)
	t.Run("verify", a.verify)
	t.Run("send", a.send)
}

// changes returns body cut short, with bytes changed, and with parts doubled.
func changes(body []byte) [][]byte {
	rnd := rand.New(rand.NewPCG(1, uint64(len(body))))
	var out [][]byte
	for i := 0; i < len(body); i += 1 + len(body)/100 {
		changed := bytes.Clone(body)
		changed[i] ^= byte(1 + rnd.IntN(255))
		doubled := append(bytes.Clone(body[:i]), body[i/2:]...)
		out = append(out, body[:i], changed, doubled)
	}
	return append(out, nil, []byte{0}, bytes.Repeat([]byte{0xff}, 100))
}

func (a Adapter) parse(t *testing.T) {
	for name, body := range a.Callbacks {
		if err := whole(a.Parse, body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if updates, err := a.Parse(body); err != nil || len(updates) == 0 {
			t.Errorf("%s: %d updates, %v", name, len(updates), err)
		}
		for _, changed := range changes(body) {
			if err := whole(a.Parse, changed); err != nil {
				t.Fatalf("%s changed to %q: %v", name, changed, err)
			}
		}
	}
}

// whole reports what is wrong with the updates that parse makes of body.
func whole(parse func([]byte) ([]provider.Update, error), body []byte) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	body = bytes.Clone(body)
	updates, err := parse(body)
	if err != nil {
		if !errors.Is(err, provider.ErrMalformed) {
			return fmt.Errorf("another error than ErrMalformed: %w", err)
		}
		return nil
	}
	before, err := json.Marshal(updates)
	if err != nil {
		return fmt.Errorf("cannot be written: %w", err)
	}
	clear(body)
	if after, err := json.Marshal(updates); err != nil || !bytes.Equal(before, after) {
		return errors.New("the updates share memory with the body")
	}
	for _, u := range updates {
		n := 0
		for _, there := range []bool{u.Message != nil, u.Receipt != nil, u.Preference != nil, u.Notice != nil} {
			if there {
				n++
			}
		}
		if n != 1 || u.Source == "" {
			return fmt.Errorf("an update of %d things from source %q", n, u.Source)
		}
		if m := u.Message; m != nil && (m.Tenant != "" || m.Channel != "" || m.ID != "" || m.Direction != ingest.Inbound || m.Provider == "" || m.Content.Type == "") {
			return fmt.Errorf("an inbound message of %q, %q, type %q", m.Tenant, m.Direction, m.Content.Type)
		}
	}
	return nil
}

func (a Adapter) verify(t *testing.T) {
	const secret = provider.Secret("the secret of this channel")
	for name, body := range a.Callbacks {
		header := a.Sign(body, secret)
		if !a.Verify(header, body, secret) {
			t.Fatalf("%s: the good signature %q is refused", name, header)
		}
		for _, other := range []provider.Secret{"", "x", secret + " ", provider.Secret(bytes.ToUpper([]byte(secret)))} {
			if a.Verify(header, body, other) {
				t.Errorf("%s: accepted with secret %q", name, string(other))
			}
		}
		if a.Verify(a.Sign(body, ""), body, "") {
			t.Errorf("%s: an empty secret signs", name)
		}
		for i := range header {
			changed := []byte(header)
			changed[i] ^= 1
			if a.Verify(string(changed), body, secret) || a.Verify(header[:i], body, secret) {
				t.Errorf("%s: accepted with the header changed or cut at %d", name, i)
			}
		}
		for i := range body {
			changed := bytes.Clone(body)
			changed[i] ^= 1
			if a.Verify(header, changed, secret) || a.Verify(header, body[:i], secret) {
				t.Errorf("%s: accepted with the body changed or cut at %d", name, i)
			}
		}
		if a.Verify("", body, secret) || a.Verify(header+header, body, secret) {
			t.Errorf("%s: accepted with no header, or with it twice", name)
		}
	}
}
