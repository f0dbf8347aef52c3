package analytics

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"log/slog"

	"frontdesk/ingest"
)

// Pseudonyms names people without telling who they are: the same contact of
// the same tenant always has the same name, and nobody without the secret can
// tell whose it is, nor whether two tenants know the same person.
//
// The secret must stay the same for as long as rows are kept: under another
// one everybody is a new person.
type Pseudonyms struct{ secret []byte }

// minSecretBytes is what makes guessing the secret hopeless.
const minSecretBytes = 16

// NewPseudonyms returns pseudonyms under secret, which must be at least 16
// bytes long and is not kept elsewhere.
func NewPseudonyms(secret []byte) (Pseudonyms, error) {
	if len(secret) < minSecretBytes {
		return Pseudonyms{}, errors.New("the secret of pseudonyms must be at least 16 bytes long")
	}
	return Pseudonyms{secret: append([]byte(nil), secret...)}, nil
}

// Contact is the pseudonym of a contact by its id; "" for no contact.
func (p Pseudonyms) Contact(tenant ingest.TenantID, id ingest.ContactID) string {
	return p.of(tenant).contact(id)
}

// Address is the pseudonym of a person by the address that keys their
// messages ([ingest.Party.Address]); "" for none.
func (p Pseudonyms) Address(tenant ingest.TenantID, address string) string {
	return p.of(tenant).address(address)
}

// String hides the secret, so that printing it by mistake tells nothing.
func (Pseudonyms) String() string { return "***" }

// LogValue hides the secret.
func (Pseudonyms) LogValue() slog.Value { return slog.StringValue("***") }

// of returns the pseudonyms of one tenant.
func (p Pseudonyms) of(tenant ingest.TenantID) namer {
	mac := hmac.New(sha256.New, p.secret)
	mac.Write([]byte("frontdesk analytics\x00" + string(tenant)))
	return namer{hmac.New(sha256.New, mac.Sum(nil))}
}

// namer makes the pseudonyms of one tenant. It is not for concurrent use.
type namer struct{ mac hash.Hash }

func (n namer) contact(id ingest.ContactID) string { return n.name("contact", string(id)) }
func (n namer) address(address string) string      { return n.name("address", address) }
func (n namer) reference(id string) string         { return n.name("message", id) }

// name returns 128 bits in hex, too many for two people to share one.
func (n namer) name(kind, value string) string {
	if value == "" {
		return ""
	}
	n.mac.Reset()
	n.mac.Write([]byte(kind + "\x00" + value))
	var sum [sha256.Size]byte
	return hex.EncodeToString(n.mac.Sum(sum[:0])[:16])
}
