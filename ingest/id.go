package ingest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
)

// Ids are a prefix and a ULID (https://github.com/ulid/spec): 48 bits of Unix
// milliseconds and 80 further bits in 26 characters of Crockford's base 32.
type (
	// TenantID names a business ("tnt_…").
	TenantID string
	// ChannelID names one address of a tenant at one provider ("chn_…").
	ChannelID string
	// ContactID names a person known to a tenant ("con_…").
	ContactID string
	// ConversationID names a conversation ("cnv_…").
	ConversationID string
	// MessageID names a message, inbound or outbound ("msg_…").
	MessageID string
	// AgentID names a configured assistant ("agt_…").
	AgentID string
	// TurnID names a turn of a conversation ("trn_…").
	TurnID string
	// ArticleID names a unit of knowledge as pushed ("art_…").
	ArticleID string
	// PassageID names the piece of an article that is retrieved ("psg_…").
	PassageID string
	// ServiceID names what can be booked ("svc_…").
	ServiceID string
	// StaffID names a person who performs services ("stf_…").
	StaffID string
	// ResourceID names a room or a piece of equipment ("res_…").
	ResourceID string
	// HoldID names a slot kept for a moment ("hld_…").
	HoldID string
	// AppointmentID names a booking ("apt_…").
	AppointmentID string
)

// Prefixes of ids, with the underscore.
const (
	PrefixTenant       = "tnt_"
	PrefixChannel      = "chn_"
	PrefixContact      = "con_"
	PrefixConversation = "cnv_"
	PrefixMessage      = "msg_"
	PrefixAgent        = "agt_"
	PrefixTurn         = "trn_"
	PrefixArticle      = "art_"
	PrefixPassage      = "psg_"
	PrefixEvent        = "evt_"
	PrefixKey          = "key_"
	PrefixRequest      = "req_"
	PrefixWebhook      = "whk_"
	PrefixService      = "svc_"
	PrefixStaff        = "stf_"
	PrefixResource     = "res_"
	PrefixHold         = "hld_"
	PrefixAppointment  = "apt_"
	PrefixReminder     = "rem_"
	PrefixWait         = "wai_"
)

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// ulidLen is the number of characters of a ULID.
const ulidLen = 26

// NewID returns prefix and a ULID made of now and 80 random bits.
func NewID(prefix string, now time.Time) string {
	var b [16]byte
	putMillis(&b, now)
	_, _ = rand.Read(b[6:]) // never fails: crypto/rand ends the program instead
	return encodeULID(prefix, b)
}

// DerivedID returns prefix and a ULID that depends on at and parts alone, so
// that the same thing seen again gets the same id. at must itself come from
// what is identified (the provider's timestamp, say), never from the clock; a
// zero at takes the leading bits from parts too, and the id then does not sort
// by time.
func DerivedID(prefix string, at time.Time, parts ...string) string {
	var memory [256]byte // most are shorter
	buf := memory[:0]
	for _, p := range parts {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(p))) // so that ("ab","c") and ("a","bc") differ
		buf = append(buf, p...)
	}
	sum := sha256.Sum256(buf)
	b := [16]byte(sum[:16])
	if !at.IsZero() {
		putMillis(&b, at)
	}
	return encodeULID(prefix, b)
}

// ValidID reports whether s is prefix followed by a ULID in upper case.
func ValidID(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok || len(rest) != ulidLen || rest[0] > '7' {
		return false
	}
	for i := range len(rest) {
		if strings.IndexByte(crockford, rest[i]) < 0 {
			return false
		}
	}
	return true
}

func putMillis(b *[16]byte, at time.Time) {
	ms := uint64(max(at.UnixMilli(), 0))
	b[0], b[1], b[2] = byte(ms>>40), byte(ms>>32), byte(ms>>24)
	b[3], b[4], b[5] = byte(ms>>16), byte(ms>>8), byte(ms)
}

// encodeULID writes 128 bits as 26 base-32 digits, most significant first; the
// first digit holds the three topmost bits.
func encodeULID(prefix string, b [16]byte) string {
	hi, lo := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	out := make([]byte, len(prefix)+ulidLen)
	copy(out, prefix)
	for i := len(out) - 1; i >= len(prefix); i-- {
		out[i] = crockford[lo&31]
		lo = lo>>5 | hi<<59
		hi >>= 5
	}
	return string(out)
}
