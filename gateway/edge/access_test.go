package edge_test

import (
	"context"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
)

// TestAccess holds the access log and the metrics to what they may show: the
// route, never the path, and a proxy's word only where the proxy is trusted.
func TestAccess(t *testing.T) {
	const request = "GET /contacts/5016123456?q=secret HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 198.51.100.9, 203.0.113.7\r\n\r\n"
	for name, tt := range map[string]struct {
		trusted []netip.Prefix
		addr    string
	}{
		"nobody is trusted":    {nil, "addr=127.0.0.1"},
		"the peer is trusted":  {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "addr=203.0.113.7"},
		"both hops are":        {[]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("203.0.113.0/24")}, "addr=198.51.100.9"},
		"another network only": {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, "addr=127.0.0.1"},
	} {
		log, registry := &syncBuffer{}, prometheus.NewRegistry()
		cfg := edgetest.Config()
		cfg.TrustedProxies = tt.trusted
		addr, stop := edgetest.Serve(t, cfg, edge.Options{
			Routes: []edge.Route{{Method: "GET", Path: "/contacts/{phone}", Handler: func(_ context.Context, req *fasthttp.RequestCtx) error {
				edge.NoteCaller(req, "tnt_1", "key_1")
				return edge.Reply(req, 200, "ok")
			}}},
			Log: slog.New(slog.NewTextHandler(log, nil)), Metrics: registry,
		})
		raw(t, addr, request)
		_ = stop()
		line := log.String()
		for _, want := range []string{"route=/contacts/{phone}", "status=200", "tenant=tnt_1", "key=key_1", tt.addr} {
			if !strings.Contains(line, want) {
				t.Errorf("%s: the access log lacks %s: %s", name, want, line)
			}
		}
		metrics, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		shown := line
		counted := false
		for _, m := range metrics {
			shown += m.String()
			counted = counted || m.GetName() == "frontdesk_http_requests_total"
		}
		if !counted || strings.Contains(shown, "5016123456") || strings.Contains(shown, "secret") || strings.Contains(metricsOnly(shown, line), "tnt_1") {
			t.Errorf("%s: log and metrics show content, or nothing: %s", name, shown)
		}
	}
}

func metricsOnly(all, log string) string { return strings.TrimPrefix(all, log) }
