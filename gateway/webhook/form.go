package webhook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Notice is an event as a developer is told of it, before it has a form.
type Notice struct {
	ID   string // of the event; the same however often it is sent
	Type string // native name
	At   time.Time
	Data json.RawMessage // an object with the fields of the API
}

// Form is what a delivery looks like: the names of events, the body and the
// signature. A form has no state and is safe for concurrent use.
type Form interface {
	// Compose returns what this form calls the event and the body to send. ok
	// is false for an event that the form does not have.
	Compose(n Notice) (name string, body []byte, ok bool)
	// Sign returns the headers of one attempt. keys has those in force first
	// and, while they are being replaced, the ones before.
	Sign(id string, at time.Time, body []byte, keys []Keys) http.Header
}

// MaxBodyBytes bounds a payload.
const MaxBodyBytes = 20_000

// Standard is the form of https://www.standardwebhooks.com: a thin envelope of
// type, timestamp and data, signed with HMAC-SHA256 (v1) and Ed25519 (v1a).
type Standard struct{}

// envelope is the body in the standard form.
type envelope struct {
	Type      string          `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      json.RawMessage `json:"data"`
}

// Compose keeps the native name and fields.
func (Standard) Compose(n Notice) (string, []byte, bool) {
	body, err := json.Marshal(envelope{n.Type, n.At.UTC(), n.Data})
	return n.Type, body, err == nil
}

// Sign returns webhook-id, webhook-timestamp and webhook-signature.
func (Standard) Sign(id string, at time.Time, body []byte, keys []Keys) http.Header {
	stamp := strconv.FormatInt(at.Unix(), 10)
	content := make([]byte, 0, len(id)+len(stamp)+len(body)+2)
	content = append(append(append(append(append(content, id...), '.'), stamp...), '.'), body...)
	var signatures []string
	for _, k := range keys {
		mac := hmac.New(sha256.New, k.HMAC())
		mac.Write(content)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	for _, k := range keys {
		signatures = append(signatures, "v1a,"+base64.StdEncoding.EncodeToString(ed25519.Sign(k.Ed25519, content)))
	}
	h := http.Header{}
	h.Set("Webhook-Id", id)
	h.Set("Webhook-Timestamp", stamp)
	h.Set("Webhook-Signature", strings.Join(signatures, " "))
	return h
}

// forms are the forms by format. A format without one is sent in the standard
// form.
type forms map[string]Form

func (f forms) of(format string) Form {
	if form, ok := f[format]; ok {
		return form
	}
	return Standard{}
}
