package webhook

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"frontdesk/ingest"
)

// Prefixes of secrets and keys as Standard Webhooks has them.
const (
	prefixSecret = "whsec_"
	prefixPublic = "whpk_"
)

// Lengths of an HMAC secret, in bytes.
const (
	minSecret  = 24
	maxSecret  = 64
	newSecret  = 32
	maxForeign = 500 // of a secret in another format, in characters
)

// checkSecret holds a developer's own secret to what the format can sign with.
func checkSecret(format, secret string) error {
	if secret == "" {
		return nil
	}
	if format != "standard" {
		if len(secret) < 8 || len(secret) > maxForeign {
			return &InvalidError{"secret", "8 to 500 characters are expected"}
		}
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, prefixSecret))
	if !strings.HasPrefix(secret, prefixSecret) || err != nil || len(raw) < minSecret || len(raw) > maxSecret {
		return &InvalidError{"secret", "whsec_ and the base64 of 24 to 64 random bytes is expected; leave it out to have one made"}
	}
	return nil
}

// Keys sign the deliveries of an endpoint.
type Keys struct {
	Secret  string             // for HMAC, as the developer has it
	Ed25519 ed25519.PrivateKey // its public half is [Endpoint.PublicKey]
}

// HMAC returns the bytes that the secret stands for: what follows whsec_ in
// base64, else the secret itself.
func (k Keys) HMAC() []byte {
	if rest, ok := strings.CutPrefix(k.Secret, prefixSecret); ok {
		if raw, err := base64.StdEncoding.DecodeString(rest); err == nil {
			return raw
		}
	}
	return []byte(k.Secret)
}

// pair is [Keys] as they are sealed.
type pair struct {
	HMAC    string `json:"hmac"`
	Ed25519 []byte `json:"ed25519"` // private key's seed
}

// secrets is what signs an endpoint's deliveries: those in force, and for a
// while those before them.
type secrets struct {
	pair
	Older      *pair     `json:"older,omitempty"`
	OlderUntil time.Time `json:"older_until,omitzero"`
}

// newPair makes keys; secret is the developer's own, or empty.
func newPair(secret string) pair {
	p := pair{HMAC: secret, Ed25519: make([]byte, ed25519.SeedSize)}
	_, _ = rand.Read(p.Ed25519) // never fails
	if p.HMAC == "" {
		raw := make([]byte, newSecret)
		_, _ = rand.Read(raw)
		p.HMAC = prefixSecret + base64.StdEncoding.EncodeToString(raw)
	}
	return p
}

func (p pair) keys() Keys { return Keys{p.HMAC, ed25519.NewKeyFromSeed(p.Ed25519)} }

// public returns the public key as the developer has it.
func (p pair) public() string {
	public, _ := p.keys().Ed25519.Public().(ed25519.PublicKey)
	return prefixPublic + base64.StdEncoding.EncodeToString(public)
}

// rotate puts fresh keys in force and keeps the ones before them until then.
// Keys that were being replaced already are dropped: two are valid at once.
func (s secrets) rotate(fresh pair, until, now time.Time) secrets {
	out := secrets{pair: fresh}
	if until.After(now) {
		old := s.pair
		out.Older, out.OlderUntil = &old, until
	}
	return out
}

// valid returns the keys that sign at a moment, the newest first.
func (s secrets) valid(now time.Time) []Keys {
	out := []Keys{s.keys()}
	if s.Older != nil && now.Before(s.OlderUntil) {
		out = append(out, s.Older.keys())
	}
	return out
}

// sealer keeps secrets unreadable at rest; *tenant.Vault is one.
type sealer interface {
	Seal(scope string, plain []byte) []byte
	Open(scope string, sealed []byte) ([]byte, error)
}

func seal(v sealer, tenant ingest.TenantID, id string, s secrets) ([]byte, error) {
	plain, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("seal webhook %s: %w", id, err)
	}
	return v.Seal(string(tenant)+"|"+id, plain), nil
}

func unseal(v sealer, tenant ingest.TenantID, id string, sealed []byte) (secrets, error) {
	var s secrets
	plain, err := v.Open(string(tenant)+"|"+id, sealed)
	if err == nil {
		err = json.Unmarshal(plain, &s)
	}
	if err == nil && len(s.Ed25519) != ed25519.SeedSize {
		err = fmt.Errorf("the key has %d bytes", len(s.Ed25519))
	}
	if err != nil {
		return secrets{}, fmt.Errorf("webhook %s: %w", id, err)
	}
	return s, nil
}
