package tenant

import (
	"crypto/rand"
	"hash/crc32"
	"math/big"
	"strings"
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

// ValidDialect reports whether keys can be made for d.
func ValidDialect(d Dialect) bool { return prefixes[d] != nil }

// Key is an API key without its secret.
type Key struct {
	ID         string // "key_…"
	Tenant     ingest.TenantID
	Name       string
	Lookup     string // public part, by which it is found
	Scopes     []string
	Mode       Mode
	Dialect    Dialect
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: in use
	LastUsedAt time.Time // zero: never; written with some seconds of delay

	hash   []byte
	pepper string
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
	return digits(big.NewInt(int64(crc32.ChecksumIEEE([]byte(body)))), checksumLen)
}

// lookupOf returns the lookup id in a well-formed key, or false.
func lookupOf(key string) (string, bool) {
	if len(key) < keyTail || len(key) > keyTail+16 {
		return "", false
	}
	cut := len(key) - keyTail
	known := false
	for _, modes := range prefixes {
		known = known || modes[ModeLive] == key[:cut] || modes[ModeTest] == key[:cut]
	}
	body := key[:len(key)-checksumLen]
	if !known || strings.Trim(key[cut:], base62) != "" || checksum(body) != key[len(body):] {
		return "", false
	}
	return key[cut : cut+lookupLen], true
}
