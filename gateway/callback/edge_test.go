package callback

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"testing"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
	"frontdesk/ingest"
)

// TestBehindTheEdge is the handler in the server that it runs in: bodies far
// above what other routes take, no redirects, answers as they are.
func TestBehindTheEdge(t *testing.T) {
	w := newWorld(t)
	addr, stop := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: []edge.Route{
		{Method: http.MethodGet, Path: "/callbacks/whatsapp", Raw: w.ServeWhatsApp},
		{Method: http.MethodPost, Path: "/callbacks/whatsapp", Raw: w.ServeWhatsApp},
	}})
	w.http = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	}}}
	body := whatsAppSample(t, "inbound_text")
	large := append(bytes.Clone(body), bytes.Repeat([]byte(" "), 3<<20-len(body))...)
	for _, tt := range []struct {
		name string
		body []byte
		want int
	}{{"a message", body, 200}, {"3 MiB", large, 200}, {"one byte more", append(large, ' '), 413}, {"no JSON", []byte("{"), 400}} {
		if got := w.meta(t, tt.body, mayaSecret); got.status != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got.status, tt.want)
		}
	}
	if got := w.do(t, "GET", "/callbacks/whatsapp?hub.mode=subscribe&hub.challenge=77&hub.verify_token=vt-example-7c1d", nil, nil); got.status != 200 || got.body != "77" {
		t.Errorf("handshake: %d %q", got.status, got.body)
	}
	if n := len(w.kafka.of(ingest.TopicInbound)); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
	w.http.CloseIdleConnections()
	_ = stop()
}
