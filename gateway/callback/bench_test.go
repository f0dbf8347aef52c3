package callback

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
)

// nowhere takes everything at no cost.
type nowhere struct{}

func (nowhere) Publish(context.Context, ...ingest.Record) error { return nil }

func benchBody(n int) []byte {
	messages := make([]string, n)
	for i := range messages {
		messages[i] = fmt.Sprintf(`{"from":"15555550142","from_user_id":"US.48213097715520641873","id":"wamid.HBgLMTU1NTU1NTAxNDIVAgASGBQyRjJB%08d",`+
			`"timestamp":"1790000000","type":"text","text":{"body":"Hi, is the 9 am slot on Friday still free?"}}`, i)
	}
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"420011223344550","changes":[{"value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"15555550100","phone_number_id":"310022334455661"},"contacts":[{"profile":{"name":"Dana Whitfield"},` +
		`"wa_id":"15555550142","user_id":"US.48213097715520641873"}],"messages":[` + strings.Join(messages, ",") + `]},"field":"messages"}]}]}`)
}

// BenchmarkServeWhatsApp is the handler from the body in memory to the records
// handed to the log. read_hmac is what reading and the signature alone cost.
func BenchmarkServeWhatsApp(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		body := benchBody(n)
		signature := hubSignature(body, mayaSecret)
		w := newWorld(b)
		w.pub = nowhere{}
		var req fasthttp.RequestCtx
		post := func() {
			req.Request.Reset()
			req.Response.Reset()
			req.Request.Header.SetMethod("POST")
			req.Request.SetRequestURI("/callbacks/whatsapp")
			req.Request.Header.Set(whatsapp.SignatureHeader, signature)
			req.Request.SetBodyRaw(body)
		}
		b.Run(fmt.Sprintf("updates=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				post()
				if w.ServeWhatsApp(&req); req.Response.StatusCode() != 200 {
					b.Fatal(req.Response.StatusCode())
				}
			}
		})
		b.Run(fmt.Sprintf("read_hmac/updates=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				post()
				mac := hmac.New(sha256.New, []byte(mayaSecret))
				mac.Write(req.Request.Body())
				_ = mac.Sum(nil)
			}
		})
	}
}

// BenchmarkRecords is from updates to records alone.
func BenchmarkRecords(b *testing.B) {
	for _, n := range []int{1, 10, 1000} {
		updates, err := whatsapp.Parse(benchBody(n))
		if err != nil || len(updates) != n {
			b.Fatal(len(updates), err)
		}
		routes := []Route{{addressOf(&updates[0]), []Target{{"tnt_01J", "chn_01J"}}}}
		b.Run(fmt.Sprintf("updates=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := scratches.Get().(*scratch)
				if out, err := s.fill(updates, routes, some, 1<<20); err != nil || out.taken != n {
					b.Fatal(out, err)
				}
				s.release()
			}
		})
	}
}

func BenchmarkServeTwilio(b *testing.B) {
	body := twilioSample(b, "inbound_sms")
	w := newWorld(b)
	w.pub = nowhere{}
	signature := twilioSignature("https://desk.example.com/callbacks/twilio", body, provider.Secret(authToken))
	var req fasthttp.RequestCtx
	b.ReportAllocs()
	for b.Loop() {
		req.Request.Reset()
		req.Response.Reset()
		req.Request.Header.SetMethod("POST")
		req.Request.SetRequestURI("/callbacks/twilio")
		req.Request.Header.Set("X-Twilio-Signature", signature)
		req.Request.SetBodyRaw(body)
		if w.ServeTwilio(&req); req.Response.StatusCode() != 200 {
			b.Fatal(req.Response.StatusCode())
		}
	}
}
