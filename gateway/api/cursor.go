package api

import (
	"encoding/base64"

	"frontdesk/ingest"
)

// signer makes tags that only this system can make; *tenant.Vault is one.
type signer interface {
	Sign(parts ...string) []byte
	Signed(tag []byte, parts ...string) bool
}

// cursors makes the cursors of stores opaque, and good only for the tenant and
// the list that they were given for.
type cursors struct{ sign signer }

const tagBytes = 16

func (c cursors) seal(tenant ingest.TenantID, list, after string) string {
	tag := c.sign.Sign("cursor", string(tenant), list, after)
	return base64.RawURLEncoding.EncodeToString(append(tag[:tagBytes:tagBytes], after...))
}

func (c cursors) open(tenant ingest.TenantID, list, cursor string) (after string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) <= tagBytes || base64.RawURLEncoding.EncodeToString(b) != cursor {
		return "", false // the last: one cursor has one spelling
	}
	after = string(b[tagBytes:])
	return after, c.sign.Signed(b[:tagBytes], "cursor", string(tenant), list, after)
}
