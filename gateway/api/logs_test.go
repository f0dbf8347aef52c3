package api_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/gateway/api"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
	"frontdesk/gateway/tenant"
)

// leaky knows every key, and tells of it in its errors.
type leaky struct{}

func (leaky) Bearer(_ context.Context, key string) (*tenant.Caller, error) {
	switch {
	case strings.HasSuffix(key, "BROKEN"):
		return nil, errors.New("lookup of api_key=" + key + " broke, asked as Authorization: Bearer " + key)
	case strings.HasSuffix(key, "PANICS"):
		panic("with " + key)
	case key == "":
		return nil, tenant.ErrUnauthenticated
	}
	return &tenant.Caller{Tenant: "tnt_1", KeyID: "key_1", Scopes: []string{"*"}}, nil
}

// TestLogsHoldNoKey passes keys in every way, in requests that are good, refused,
// broken and no requests at all, and reads all that is logged of it.
func TestLogsHoldNoKey(t *testing.T) {
	log, err := os.Create(filepath.Join(t.TempDir(), "log")) // its writes come in order
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	routes := api.NewServer(leaky{}, edge.NewLimiter(nil), nil, nil).Mount(api.Native(), []api.Route{
		api.Bind(api.Route{Method: "GET", Path: "/v1/me", ID: "me"}, func(context.Context, tenant.Caller, struct{}) (struct{}, error) { return struct{}{}, nil }),
	})
	addr, stop := edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: routes, Explain: api.Explain, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	const secret = "3kTMd9aQ0gFh1kYbW4c7xUu2pTn8sJrVeZ5mLqXaDo6iBwCyHfG1dR9v"
	starts := []string{"fd_live_", "fd_test_", "ck_live_", "aivo_sk_", "kv1_", "avoca_live_", "bva_test_"}
	lines := 0
	for _, start := range starts {
		for _, end := range []string{"", "BROKEN", "PANICS"} {
			key := start + secret + end
			for _, request := range []string{
				"GET /v1/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + key + "\r\n\r\n",
				"GET /v1/me HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key + "\r\n\r\n",
				"GET /v1/me?api_key=" + key + " HTTP/1.1\r\nHost: a\r\n\r\n",
				"GET /v1/me?x=1&api_key=" + key + "&y=2 HTTP/1.1\r\nHost: a\r\n\r\n",
				"GET /v1/nowhere?api_key=" + key + " HTTP/1.1\r\nHost: a\r\n\r\n",
				"DELETE /v1/me?api_key=" + key + " HTTP/1.1\r\nHost: a\r\n\r\n",
				"GET /v1/me?api_key=" + key + " HTTP/9.9\r\nHost: a\r\n\r\n",
				"GET /v1/me HTTP/1.1\r\nHost: a\r\nAuthorization Bearer " + key + "\r\n\r\n",
				"GET /v1/me HTTP/1.1\r\nHost: a\r\nX-Filler: " + strings.Repeat("a", 20<<10) + "\r\nAuthorization: Bearer " + key + "\r\n\r\n",
			} {
				answer(t, addr, request)
				lines++
			}
		}
	}
	_ = stop()
	written, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	all := string(written)
	if strings.Contains(all, secret) || strings.Contains(all, secret[:20]) {
		i := strings.Index(all, secret[:20])
		t.Errorf("the log holds a key: …%s…", all[max(i-300, 0):min(i+100, len(all))])
	}
	if n := strings.Count(all, `"msg":"request"`); n < lines/2 || !strings.Contains(all, "panic") || !strings.Contains(all, "broke") {
		t.Errorf("%d lines of %d requests: the test does not see the log", n, lines)
	}
}

// answer sends raw bytes and reads the status line that comes back, if one does.
func answer(t *testing.T, addr, request string) {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	if resp, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
		_ = resp.Body.Close()
	}
}
