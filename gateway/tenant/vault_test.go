package tenant_test

import (
	"bytes"
	"errors"
	"testing"

	"frontdesk/gateway/tenant"
)

func vault(t testing.TB, masters ...byte) *tenant.Vault {
	t.Helper()
	if len(masters) == 0 {
		masters = []byte{1}
	}
	var keys [][]byte
	for _, b := range masters {
		keys = append(keys, bytes.Repeat([]byte{b}, tenant.MasterKeyBytes))
	}
	v, err := tenant.NewVault(keys[0], keys[1:]...)
	if err != nil {
		t.Fatalf("make a vault: %v", err)
	}
	return v
}

func TestVaultSeal(t *testing.T) {
	plain := []byte("EAAG-access-token")
	sealed := vault(t).Seal("tnt_1|chn_1", plain)
	if bytes.Contains(sealed, plain) {
		t.Fatal("the plain text is in the sealed bytes")
	}
	if again := vault(t).Seal("tnt_1|chn_1", plain); bytes.Equal(again, sealed) {
		t.Error("the same text sealed twice gave the same bytes: the nonce repeats")
	}
	tampered := bytes.Clone(sealed)
	tampered[len(tampered)-1] ^= 1
	tests := []struct {
		name   string
		vault  *tenant.Vault
		scope  string
		sealed []byte
		want   error
	}{
		{"opens where it was sealed", vault(t), "tnt_1|chn_1", sealed, nil},
		{"not under another tenant", vault(t), "tnt_2|chn_1", sealed, tenant.ErrSealed},
		{"not under another channel", vault(t), "tnt_1|chn_2", sealed, tenant.ErrSealed},
		{"not with another master key", vault(t, 2), "tnt_1|chn_1", sealed, tenant.ErrSealed},
		{"with the old master key beside the new", vault(t, 2, 1), "tnt_1|chn_1", sealed, nil},
		{"not when changed", vault(t), "tnt_1|chn_1", tampered, tenant.ErrSealed},
		{"not when cut short", vault(t), "tnt_1|chn_1", sealed[:12], tenant.ErrSealed},
		{"not when empty", vault(t), "tnt_1|chn_1", nil, tenant.ErrSealed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.vault.Open(tt.scope, tt.sealed)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Open() error = %v, want %v", err, tt.want)
			}
			if err == nil && !bytes.Equal(got, plain) {
				t.Errorf("Open() = %q, want %q", got, plain)
			}
		})
	}
}

func TestVaultSign(t *testing.T) {
	v := vault(t)
	tag := v.Sign("tnt_1", "cursor", "x")
	for _, tt := range []struct {
		name  string
		vault *tenant.Vault
		parts []string
		want  bool
	}{
		{"the same parts", v, []string{"tnt_1", "cursor", "x"}, true},
		{"another tenant", v, []string{"tnt_2", "cursor", "x"}, false},
		{"parts cut elsewhere", v, []string{"tnt_1", "curs", "orx"}, false},
		{"after the master key was replaced", vault(t, 2, 1), []string{"tnt_1", "cursor", "x"}, true},
		{"another master key", vault(t, 2), []string{"tnt_1", "cursor", "x"}, false},
	} {
		if got := tt.vault.Signed(tag, tt.parts...); got != tt.want {
			t.Errorf("%s: Signed() = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestNewVaultRefusesShortKeys(t *testing.T) {
	if _, err := tenant.NewVault([]byte("short")); err == nil {
		t.Error("a master key of five bytes was taken")
	}
}
