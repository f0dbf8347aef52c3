package tenant

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// MasterKeyBytes is the length of the master key.
const MasterKeyBytes = 32

// ErrSealed is given for sealed bytes that do not open: another master key, or
// bytes that were moved from another row or changed.
var ErrSealed = errors.New("sealed credentials do not open; is FRONTDESK_MASTER_KEY the one they were sealed with?")

// Vault seals credentials and hashes keys. It is safe for concurrent use.
type Vault struct {
	current *ring
	rings   map[string]*ring // by id
}

// ring is what is derived from one master key.
type ring struct {
	id     string // 8 hex digits
	seal   cipher.AEAD
	pepper []byte
	sign   []byte
	macs   sync.Pool // of *keyMac
}

// NewVault returns a vault that seals with master, MasterKeyBytes of random
// bytes, and opens what was sealed or hashed with master or one of older, so
// that the key can be replaced.
func NewVault(master []byte, older ...[]byte) (*Vault, error) {
	v := &Vault{rings: map[string]*ring{}}
	for i, key := range append([][]byte{master}, older...) {
		r, err := newRing(key)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			v.current = r
		}
		v.rings[r.id] = r
	}
	return v, nil
}

func newRing(master []byte) (*ring, error) {
	if len(master) != MasterKeyBytes {
		return nil, fmt.Errorf("the master key has %d bytes, want %d", len(master), MasterKeyBytes)
	}
	derive := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, master, nil, "frontdesk "+purpose+" v1", 32)
		if err != nil {
			panic(err) // only for lengths beyond 255 hashes, and this one is constant
		}
		return key
	}
	block, err := aes.NewCipher(derive("seal"))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	r := &ring{
		id: hex.EncodeToString(derive("id")[:4]), seal: aead, pepper: derive("pepper"), sign: derive("sign"),
	}
	r.macs.New = func() any { return &keyMac{Hash: hmac.New(sha256.New, r.pepper)} }
	return r, nil
}

// sealVersion leads sealed bytes: version, key id (8), nonce, ciphertext.
const (
	sealVersion = 1
	sealHeader  = 1 + 8
)

// Seal encrypts plain so that it opens only under the same scope, which names
// the row it belongs to ("tnt_…|chn_…").
func (v *Vault) Seal(scope string, plain []byte) []byte {
	r := v.current
	out := append([]byte{sealVersion}, r.id...)
	nonce := make([]byte, r.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	out = append(out, nonce...)
	return r.seal.Seal(out, nonce, plain, sealData(r.id, scope))
}

// Open decrypts what Seal returned for scope, or reports ErrSealed.
func (v *Vault) Open(scope string, sealed []byte) ([]byte, error) {
	if len(sealed) < sealHeader || sealed[0] != sealVersion {
		return nil, ErrSealed
	}
	r, ok := v.rings[string(sealed[1:sealHeader])]
	if !ok || len(sealed) < sealHeader+r.seal.NonceSize() {
		return nil, ErrSealed
	}
	nonce, body := sealed[sealHeader:sealHeader+r.seal.NonceSize()], sealed[sealHeader+r.seal.NonceSize():]
	plain, err := r.seal.Open(nil, nonce, body, sealData(r.id, scope))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

func sealData(keyID, scope string) []byte { return []byte(keyID + "|" + scope) }

// hash returns the hash of an API key and the id of the pepper it was made
// with.
func (v *Vault) hash(key string) (sum []byte, pepper string) {
	return v.current.hash(key), v.current.id
}

func (r *ring) hash(key string) []byte {
	mac := hmac.New(sha256.New, r.pepper)
	mac.Write([]byte(key))
	return mac.Sum(nil)
}

// keyMac hashes keys, over and over without allocating.
type keyMac struct {
	hash.Hash
	key [keyTail + 16]byte
	sum [sha256.Size]byte
}

// matches reports whether key, which is well-formed, has the hash sum under
// pepper, in constant time.
func (v *Vault) matches(key string, sum []byte, pepper string) bool {
	r, ok := v.rings[pepper]
	if !ok {
		return false
	}
	m := r.macs.Get().(*keyMac)
	defer r.macs.Put(m)
	m.Reset()
	m.Write(m.key[:copy(m.key[:], key)])
	same := hmac.Equal(m.Sum(m.sum[:0]), sum)
	clear(m.key[:])
	return same
}

// Sign returns a tag that only this system can make for parts, in that order.
func (v *Vault) Sign(parts ...string) []byte { return v.current.tag(parts) }

// Signed reports whether tag was made by Sign for the same parts.
func (v *Vault) Signed(tag []byte, parts ...string) bool {
	for _, r := range v.rings {
		if hmac.Equal(tag, r.tag(parts)) {
			return true
		}
	}
	return false
}

func (r *ring) tag(parts []string) []byte {
	mac := hmac.New(sha256.New, r.sign)
	for _, p := range parts {
		fmt.Fprintf(mac, "%d:%s", len(p), p) // so that ("ab","c") and ("a","bc") differ
	}
	return mac.Sum(nil)[:16]
}
