package bookpage

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// signer makes tags that only this system can make; *tenant.Vault is one.
type signer interface {
	Sign(parts ...string) []byte
	Signed(tag []byte, parts ...string) bool
}

// Links makes addresses that need no password: whoever has one may do what is
// behind it, and nobody can make one up.
type Links struct {
	public string // without a slash at its end
	sign   signer
}

// NewLinks returns links below publicURL, signed by sign.
func NewLinks(publicURL string, sign signer) *Links {
	return &Links{strings.TrimRight(publicURL, "/"), sign}
}

// Manage returns where a customer sees, moves and cancels an appointment. It
// does not expire.
func (l *Links) Manage(business tenant.Tenant, id ingest.AppointmentID) string {
	return l.public + "/book/" + business.Slug + "/a/" + l.appointment(business.ID, id)
}

// Page returns where the business can be booked.
func (l *Links) Page(business tenant.Tenant) string { return l.public + "/book/" + business.Slug }

func (l *Links) appointment(t ingest.TenantID, id ingest.AppointmentID) string {
	return l.seal(t, "appointment", strings.TrimPrefix(string(id), ingest.PrefixAppointment))
}

func (l *Links) openAppointment(t ingest.TenantID, token string) (ingest.AppointmentID, bool) {
	id, ok := l.open(t, "appointment", token)
	return ingest.AppointmentID(ingest.PrefixAppointment + id), ok
}

// held is a hold as the page hands it from step to step.
type held struct {
	id      ingest.HoldID
	service ingest.ServiceID
	staff   ingest.StaffID // that the hold is with
	asked   ingest.StaffID // that was asked for; empty: anybody
	start   time.Time
	end     time.Time
	until   time.Time
}

func (l *Links) hold(t ingest.TenantID, h held) string {
	seconds := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 36) }
	return l.seal(t, "hold", strings.Join([]string{
		string(h.id), string(h.service), string(h.staff), string(h.asked), seconds(h.start), seconds(h.end), seconds(h.until),
	}, "."))
}

func (l *Links) openHold(t ingest.TenantID, token string) (held, bool) {
	text, ok := l.open(t, "hold", token)
	p := strings.Split(text, ".")
	if !ok || len(p) != 7 {
		return held{}, false
	}
	var times [3]time.Time
	for i := range times {
		n, err := strconv.ParseInt(p[4+i], 36, 64)
		if err != nil {
			return held{}, false
		}
		times[i] = time.Unix(n, 0).UTC()
	}
	return held{ingest.HoldID(p[0]), ingest.ServiceID(p[1]), ingest.StaffID(p[2]), ingest.StaffID(p[3]), times[0], times[1], times[2]}, true
}

const tagBytes = 16

// seal returns a token of text that is good for one tenant and one purpose.
func (l *Links) seal(t ingest.TenantID, purpose, text string) string {
	tag := l.sign.Sign("book", string(t), purpose, text)
	return base64.RawURLEncoding.EncodeToString(append(tag[:tagBytes:tagBytes], text...))
}

func (l *Links) open(t ingest.TenantID, purpose, token string) (string, bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) <= tagBytes || base64.RawURLEncoding.EncodeToString(b) != token {
		return "", false // the last: one token has one spelling
	}
	text := string(b[tagBytes:])
	return text, l.sign.Signed(b[:tagBytes], "book", string(t), purpose, text)
}
