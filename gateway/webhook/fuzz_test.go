package webhook_test

import (
	"net/netip"
	"net/url"
	"testing"
	"time"

	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// FuzzSpec holds whatever a developer writes to the rules: what is taken can be
// called, and its address is public.
func FuzzSpec(f *testing.F) {
	for _, s := range []string{"https://example.com/hooks", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]:443/", "http://example.com", "https://a@b", "https://0x7f.1/", "https://%31/", "https://[fe80::1%25eth0]/", "https://example.com:99999/", "https://example.com\\@127.0.0.1/"} {
		f.Add(s, "message.*", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	}
	f.Add("https://example.com", "*", "")
	f.Add("https://example.com", "a..b", "whsec_")
	guard := webhook.NewGuard()
	f.Fuzz(func(t *testing.T, raw, pattern, secret string) {
		spec := webhook.Spec{URL: raw, Events: []string{pattern}, Secret: secret}
		if spec.Check() != nil || guard.CheckURL(raw) != nil {
			return
		}
		u, err := url.Parse(raw)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Hostname() == "" {
			t.Fatalf("%q was taken", raw)
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.Is4In6()) {
			t.Fatalf("%q was taken", raw)
		}
	})
}

// FuzzEvent gives the handler any data: it is told of in bounds, or refused as
// malformed.
func FuzzEvent(f *testing.F) {
	f.Add("conversation.opened", `{"conversation_id":"cnv_1","test":true}`)
	f.Add("message.received", `{"id":"msg_1","content":{"type":"text"}}`)
	f.Add("message.status", `{"status":"sent"}`)
	f.Add("x", `null`)
	f.Add("x", `{"a":[1e400,"\u0000"]}`)
	f.Fuzz(func(t *testing.T, typ, data string) {
		e := ingest.Event{Version: 1, ID: "evt_1", Type: ingest.EventType(typ), Tenant: "acme", OccurredAt: time.Unix(1, 0), Data: []byte(data)}
		body, err := webhook.ComposeForTest(e)
		if err == nil && len(body) > webhook.MaxBodyBytes+2*len(typ)*6 {
			t.Fatalf("%d bytes", len(body))
		}
	})
}
