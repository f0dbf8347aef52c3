package webhook_test

import (
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"frontdesk/gateway/webhook"
)

// TestTheReferenceVector is the signature that all libraries of Standard
// Webhooks are tested with.
func TestTheReferenceVector(t *testing.T) {
	keys := webhook.Keys{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Ed25519: ed25519.NewKeyFromSeed(make([]byte, 32))}
	h := webhook.Standard{}.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`), []webhook.Keys{keys})
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if got, _, _ := strings.Cut(h.Get("webhook-signature"), " "); got != want || h.Get("webhook-timestamp") != "1614265330" {
		t.Errorf("signature = %s, want %s", got, want)
	}
}

// TestSignaturesThatMustNotHold changes one thing at a time.
func TestSignaturesThatMustNotHold(t *testing.T) {
	const secret, other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	body := []byte(`{"type":"message.received"}`)
	keys := webhook.Keys{Secret: secret, Ed25519: ed25519.NewKeyFromSeed(make([]byte, 32))}
	sign := func(at time.Time) http.Header {
		return webhook.Standard{}.Sign("evt_1", at, body, []webhook.Keys{keys})
	}
	tests := []struct {
		name   string
		secret string
		header func() http.Header
		body   []byte
		holds  bool
	}{
		{"as sent", secret, func() http.Header { return sign(time.Now()) }, body, true},
		{"another secret", other, func() http.Header { return sign(time.Now()) }, body, false},
		{"another body", secret, func() http.Header { return sign(time.Now()) }, append([]byte(" "), body...), false},
		{"ten minutes old", secret, func() http.Header { return sign(time.Now().Add(-10 * time.Minute)) }, body, false},
		{"from the future", secret, func() http.Header { return sign(time.Now().Add(10 * time.Minute)) }, body, false},
		{"another id", secret, func() http.Header { h := sign(time.Now()); h.Set("webhook-id", "evt_2"); return h }, body, false},
	}
	for _, tt := range tests {
		hook, err := standardwebhooks.NewWebhook(tt.secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := hook.Verify(tt.body, tt.header()); (err == nil) != tt.holds {
			t.Errorf("%s: %v, want it to hold: %t", tt.name, err, tt.holds)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "0": 0, "120": 2 * time.Minute, "-5": 0, "soon": 0, "1e9": 0, "4294967295": time.Hour, "99999999999999999999": 0,
		"Sat, 21 Nov 2026 09:10:00 GMT": 10 * time.Minute, "Sat, 21 Nov 2026 08:00:00 GMT": 0, "Sun, 22 Nov 2026 09:00:00 GMT": time.Hour,
	} {
		if got := webhook.RetryAfterForTest(v, now); got != want {
			t.Errorf("Retry-After %q = %v, want %v", v, got, want)
		}
	}
}

func BenchmarkSign(b *testing.B) {
	keys := webhook.Keys{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Ed25519: ed25519.NewKeyFromSeed(make([]byte, 32))}
	for _, size := range []int{500, 20_000} {
		b.Run(map[int]string{500: "500B", 20_000: "20kB"}[size], func(b *testing.B) {
			body := make([]byte, size)
			b.ReportAllocs()
			for b.Loop() {
				webhook.Standard{}.Sign("evt_1", time.Unix(1, 0), body, []webhook.Keys{keys})
			}
		})
	}
}
