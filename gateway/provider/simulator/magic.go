package simulator

import (
	"strings"
	"sync"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// ending is how a send to a number ends; see the package comment.
type ending struct {
	refuse   func(smsOrWhatsApp) failure // answers with an error and takes nothing
	throttle bool                        // refuses once, then takes
	hang     bool                        // takes and does not answer
	cut      bool                        // takes nothing and cuts the connection
	garbage  bool                        // takes and answers no JSON
	receipts []receipt
}

// smsOrWhatsApp is what a channel's error codes depend on.
type smsOrWhatsApp struct{ meta, sms bool }

// failure is a provider's refusal.
type failure struct {
	status int
	code   int
}

// receipt is one status to come.
type receipt struct {
	status ingest.Status
	after  func(Config) time.Duration
	code   func(smsOrWhatsApp) int
}

func sent(c Config) time.Duration      { return c.Sent }
func delivered(c Config) time.Duration { return c.Delivered }
func read(c Config) time.Duration      { return c.Read }

// codes returns the code by provider: Meta's, Twilio's for SMS, Twilio's for
// WhatsApp.
func codes(meta, sms, whatsApp int) func(smsOrWhatsApp) int {
	return func(on smsOrWhatsApp) int {
		switch {
		case on.meta:
			return meta
		case on.sms:
			return sms
		}
		return whatsApp
	}
}

func refusal(status int, code func(smsOrWhatsApp) int) func(smsOrWhatsApp) failure {
	return func(on smsOrWhatsApp) failure { return failure{status, code(on)} }
}

var usual = []receipt{{status: ingest.Sent, after: sent}, {status: ingest.Delivered, after: delivered}, {status: ingest.Read, after: read}}

// endings is by the recipient's last four digits.
var endings = map[string]ending{
	"0001": {receipts: []receipt{{status: ingest.Failed, after: delivered, code: codes(131026, 30005, 63024)}}},
	"0002": {throttle: true, receipts: usual},
	"0003": {hang: true, receipts: usual},
	"0004": {refuse: refusal(400, codes(131050, 21610, 63014))},
	"0005": {refuse: refusal(500, codes(131000, 20500, 20500))},
	"0006": {refuse: refusal(400, codes(131047, 0, 63016)), receipts: usual},
	"0007": {cut: true},
	"0008": {garbage: true, receipts: usual},
	"0009": {receipts: usual[:1]},
	"0010": {receipts: []receipt{usual[2], usual[1], usual[2], usual[0], usual[1], usual[0]}},
	"0011": {refuse: refusal(401, codes(190, 20003, 20003))},
}

func endingOf(phone string) ending {
	if e, ok := endings[phone[max(0, len(phone)-4):]]; ok {
		return e
	}
	return ending{receipts: usual}
}

func kindOf(ch provider.Channel) smsOrWhatsApp {
	return smsOrWhatsApp{meta: ch.Type == provider.WhatsApp, sms: isSMS(ch)}
}

// graphErrors has Meta's titles, twilioErrors Twilio's messages.
var (
	graphErrors = map[int]string{
		100: "Invalid parameter", 190: "Error validating access token: Session has expired", 131000: "Something went wrong",
		131009: "Parameter value is not valid", 131026: "Message undeliverable", 131047: "Re-engagement message",
		131050: "User has stopped receiving marketing messages", 130429: "Rate limit hit",
	}
	twilioErrors = map[int]string{
		20003: "Authenticate", 20404: "The requested resource was not found", 20429: "Too Many Requests", 20500: "An internal server error has occurred",
		21211: "The 'To' number is not a valid phone number", 21602: "Message body is required", 21603: "A 'From' phone number is required",
		21610: "Attempt to send to unsubscribed recipient", 21617: "The concatenated message body exceeds the 1600 character limit",
		63014: "Blocked by user", 63016: "Failed to send freeform message because you are outside the allowed window",
	}
)

// patienceAsked is what a throttled sender is asked to wait.
const patienceAsked = 2 * time.Second

// throttle remembers who was refused and may now send.
type throttle struct {
	mu      sync.Mutex
	refused map[string]time.Time
}

func newThrottle() *throttle { return &throttle{refused: map[string]time.Time{}} }

// refuse reports whether a send by this name must wait: the first one, and any
// that does not wait as it was asked to.
func (t *throttle) refuse(name string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, at := range t.refused {
		if now.Sub(at) > time.Minute {
			delete(t.refused, k)
		}
	}
	at, known := t.refused[name]
	if known && now.Sub(at) >= patienceAsked-100*time.Millisecond {
		delete(t.refused, name)
		return false
	}
	if !known {
		t.refused[name] = now
	}
	return true
}

// onlyDigits returns + and the digits of s, as a phone number is stored.
func onlyDigits(s string) string {
	return "+" + strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
