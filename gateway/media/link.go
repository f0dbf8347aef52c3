package media

import (
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"frontdesk/ingest"
)

// signer makes tags that only this system can make; *tenant.Vault is one.
type signer interface {
	Sign(parts ...string) []byte
	Signed(tag []byte, parts ...string) bool
}

// LinkPath leads the addresses under which a file can be had without a key.
const LinkPath = "/media"

// Links makes addresses of files that providers, and whoever is given one, can
// open until they end.
type Links struct {
	base string
	sign signer
}

// NewLinks returns links below public, the URL that providers reach us at.
func NewLinks(public string, sign signer) *Links {
	return &Links{strings.TrimRight(public, "/"), sign}
}

// Link returns the address of a file, good until the given time.
func (l *Links) Link(tenant ingest.TenantID, id string, until time.Time) string {
	end := strconv.FormatInt(until.Unix(), 10)
	tag := hex.EncodeToString(l.sign.Sign("media", string(tenant), id, end))
	return l.base + LinkPath + "/" + url.PathEscape(string(tenant)) + "/" + url.PathEscape(id) + "?until=" + end + "&tag=" + tag
}

// Valid reports whether the address was made by Link and has not ended at now.
func (l *Links) Valid(tenant ingest.TenantID, id, until, tag string, now time.Time) bool {
	end, err := strconv.ParseInt(until, 10, 64)
	sum, errTag := hex.DecodeString(tag)
	return err == nil && errTag == nil && strconv.FormatInt(end, 10) == until && now.Unix() < end &&
		l.sign.Signed(sum, "media", string(tenant), id, until)
}
