package tenant

import (
	"math/big"
	"strings"
	"testing"
)

func TestNewSecret(t *testing.T) {
	for dialect, modes := range prefixes {
		for mode, prefix := range modes {
			secret, lookup := newSecret(dialect, mode)
			if !strings.HasPrefix(secret, prefix) || len(secret) != len(prefix)+keyTail {
				t.Errorf("%s %s: key has the form %q", dialect, mode, secret)
			}
			if got, ok := lookupOf(secret); !ok || got != lookup || !genuine(secret) {
				t.Errorf("%s %s: lookupOf() = %q, %v, want %q", dialect, mode, got, ok, lookup)
			}
			if other, _ := newSecret(dialect, mode); other == secret {
				t.Errorf("%s %s: two keys are the same", dialect, mode)
			}
		}
	}
}

func TestLookupOfRefuses(t *testing.T) {
	good, _ := newSecret(Native, ModeLive)
	swapped := []byte(good)
	swapped[20], swapped[21] = swapped[21]+1, swapped[20]
	for name, key := range map[string]string{
		"nothing":             "",
		"a prefix alone":      "fd_live_",
		"a cut key":           good[:len(good)-1],
		"a longer key":        good + "a",
		"another prefix":      "xx_live_" + good[8:],
		"the other mode":      "fd_test_" + good[8:],
		"two letters swapped": string(swapped),
		"a foreign letter":    good[:30] + "-" + good[31:],
		"a very long one":     strings.Repeat("a", 10_000),
	} {
		if lookup, ok := lookupOf(key); ok && genuine(key) {
			t.Errorf("%s: lookupOf() = %q, want it refused", name, lookup)
		}
	}
}

func FuzzLookupOf(f *testing.F) {
	good, _ := newSecret(ConvoAI, ModeTest)
	f.Add(good)
	f.Add("ck_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxx")
	f.Fuzz(func(t *testing.T, key string) {
		lookup, ok := lookupOf(key)
		if ok && (len(lookup) != lookupLen || genuine(key) && genuine("fd_live_"+key[8:len(key)-1]+"-")) {
			t.Errorf("lookupOf(%q) = %q", key, lookup)
		}
	})
}

func TestChecksumIsIEEE(t *testing.T) {
	if got, want := checksum("123456789"), digits(big.NewInt(0xcbf43926), checksumLen); got != want {
		t.Errorf("checksum() = %q, want %q", got, want)
	}
}
