package whatsapp

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"hash"
	"strings"
	"sync"

	"frontdesk/gateway/provider"
)

// SignatureHeader bears the signature of a callback.
const SignatureHeader = "X-Hub-Signature-256"

// Signature is what the header of a callback claims.
type Signature [sha256.Size]byte

// ParseSignature reads the value of [SignatureHeader]: "sha256=" and 64
// lower-case hex digits. Anything else is no signature.
func ParseSignature(header string) (Signature, bool) {
	var s Signature
	digits, ok := strings.CutPrefix(header, "sha256=")
	if !ok || len(digits) != 2*len(s) {
		return s, false
	}
	for i := range len(digits) {
		value := strings.IndexByte("0123456789abcdef", digits[i])
		if value < 0 {
			return Signature{}, false
		}
		s[i/2] = s[i/2]<<4 | byte(value)
	}
	return s, true
}

// Signs reports whether s is the signature of body, exactly as received, by an
// app with this secret. It takes the same time wherever they differ. An empty
// secret signs nothing.
func (s Signature) Signs(body []byte, secret provider.Secret) bool {
	if secret == "" {
		return false
	}
	m := macs.Get().(*mac)
	defer macs.Put(m)
	return subtle.ConstantTimeCompare(m.sum(body, secret), s[:]) == 1
}

// mac computes with the secret of the callback before, which is mostly that of
// this one: preparing a secret costs as much as a short body.
type mac struct {
	secret provider.Secret
	hash   hash.Hash
	out    Signature
}

var macs = sync.Pool{New: func() any { return new(mac) }}

func (m *mac) sum(body []byte, secret provider.Secret) []byte {
	if m.hash == nil || m.secret != secret {
		m.secret, m.hash = secret, hmac.New(sha256.New, []byte(secret))
	} else {
		m.hash.Reset()
	}
	m.hash.Write(body)
	return m.hash.Sum(m.out[:0])
}
