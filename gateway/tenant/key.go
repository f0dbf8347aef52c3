package tenant

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"math/big"
	"slices"
	"time"

	"frontdesk/ingest"
)

// Mode says whether a key's messages reach people.
type Mode string

// Modes of a key.
const (
	ModeLive Mode = "live"
	ModeTest Mode = "test" // all it sends stays in the simulator
)

// Dialect names the API that a key was made for. It decides the key's prefix
// and the figures of its plan; any key may call any dialect.
type Dialect string

// Dialects.
const (
	Native       Dialect = "frontdesk"
	AIVO         Dialect = "aivo"
	KaiVox       Dialect = "kaivox"
	Avoca        Dialect = "avoca"
	BuildVoiceAI Dialect = "buildvoiceai"
	ConvoAI      Dialect = "convoai"
)

// prefixes of keys. Where a product's document knows no test keys, ours say so
// after its prefix.
var prefixes = map[Dialect]map[Mode]string{
	Native:       {ModeLive: "fd_live_", ModeTest: "fd_test_"},
	ConvoAI:      {ModeLive: "ck_live_", ModeTest: "ck_test_"},
	AIVO:         {ModeLive: "aivo_sk_", ModeTest: "aivo_sk_test_"},
	KaiVox:       {ModeLive: "kv1_", ModeTest: "kv1_test_"},
	Avoca:        {ModeLive: "avoca_live_", ModeTest: "avoca_test_"},
	BuildVoiceAI: {ModeLive: "bva_live_", ModeTest: "bva_test_"},
}

// MaxKeys is how many keys a tenant may have in use.
const MaxKeys = 200

// MaxOverlap bounds the time for which a key has two secrets.
const MaxOverlap = 7 * 24 * time.Hour

// Errors of keys.
var (
	// ErrKeyExists is given for a name that another key in use has.
	ErrKeyExists = errors.New("another key in use has this name")
	// ErrTooManyKeys is given where a tenant has MaxKeys in use.
	ErrTooManyKeys = fmt.Errorf("there are %d keys in use; revoke one first", MaxKeys)
	// ErrKeyRevoked is given for a change of a key that is revoked.
	ErrKeyRevoked = errors.New("the key is revoked")
	// ErrKeyExpired is given for a key whose time is over, and for the secret
	// before the present one once the overlap is. It is ErrUnauthenticated too.
	ErrKeyExpired = fmt.Errorf("%w: its time is over", ErrUnauthenticated)
)

// Key is an API key without its secret.
type Key struct {
	ID         string // "key_…"
	Tenant     ingest.TenantID
	Name       string
	Lookup     string // public part, by which it is found
	Scopes     []string
	Mode       Mode
	Dialect    Dialect
	Plan       string // as in a file; empty: the business's
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: in use
	LastUsedAt time.Time // zero: never; written with some seconds of delay
	OlderUntil time.Time // until when the secret before this one is good too; zero: there is none

	root   string // the key whose limits it shares; empty: its own
	hash   []byte
	pepper string
	older  olderSecret
}

type olderSecret struct {
	lookup string
	hash   []byte
	pepper string
}

// Start returns how k begins: what a list may show of it.
func (k Key) Start() string { return prefixes[k.Dialect][k.Mode] + k.Lookup }

// KeyChange is what of a key changes; nil leaves as it is.
type KeyChange struct {
	Name      *string
	Scopes    *[]string
	ExpiresAt *time.Time // zero: never
}

func (c KeyChange) apply(k *Key) {
	set(&k.Name, c.Name)
	set(&k.Scopes, c.Scopes)
	set(&k.ExpiresAt, c.ExpiresAt)
}

// A key is prefix, lookup id, secret and checksum. The checksum lets scanners
// for leaked secrets, and our own edge, tell a key from noise without asking.
const (
	lookupLen   = 8
	secretLen   = 43 // 32 random bytes in base 62
	checksumLen = 6
	keyTail     = lookupLen + secretLen + checksumLen
	secretBytes = 32
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newSecret returns a key that has never been, and its lookup id.
func newSecret(d Dialect, m Mode) (secret, lookup string) {
	lookup = randomBase62(6, lookupLen)
	body := prefixes[d][m] + lookup + randomBase62(secretBytes, secretLen)
	return body + checksum(body), lookup
}

// randomBase62 returns n random bytes as width digits, of which it keeps the
// last: six bytes make eight digits and a third.
func randomBase62(n, width int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	v := new(big.Int).SetBytes(b)
	return digits(v, width)
}

func digits(v *big.Int, width int) string {
	out := make([]byte, width)
	base, rest := big.NewInt(int64(len(base62))), new(big.Int)
	for i := width - 1; i >= 0; i-- {
		v.DivMod(v, base, rest)
		out[i] = base62[rest.Int64()]
	}
	return string(out)
}

func checksum(body string) string {
	sum := crc32.ChecksumIEEE([]byte(body))
	var tail [checksumLen]byte
	for i := checksumLen - 1; i >= 0; i-- {
		tail[i] = base62[sum%62]
		sum /= 62
	}
	return string(tail[:])
}

// starts is the prefixes as a list, and digitOf the letters of base62.
var starts, digitOf = func() (list []string, known [256]bool) {
	for _, modes := range prefixes {
		list = append(list, modes[ModeLive], modes[ModeTest])
	}
	for i := range len(base62) {
		known[base62[i]] = true
	}
	return list, known
}()

// lookupOf returns the lookup id in what has the form of a key, or false. It
// allocates nothing.
func lookupOf(key string) (string, bool) {
	if len(key) < keyTail || len(key) > keyTail+16 {
		return "", false
	}
	cut := len(key) - keyTail
	if !slices.Contains(starts, key[:cut]) {
		return "", false
	}
	for i := cut; i < len(key); i++ {
		if !digitOf[key[i]] {
			return "", false
		}
	}
	return key[cut : cut+lookupLen], true
}

// genuine reports whether what has the form of a key ends in its checksum: one
// that nobody knows and that does not is not worth a question to the database.
func genuine(key string) bool {
	return checksum(key[:len(key)-checksumLen]) == key[len(key)-checksumLen:]
}
