package edge_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
)

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	long, short := strings.Repeat("A long page. ", 1000), "x"
	addr, _ := edgetest.Serve(t, edge.DefaultConfig(), edge.Options{Routes: []edge.Route{
		{Method: "GET", Path: "/long", Raw: edge.Page("text/html", "default-src 'none'", []byte(long)), Quiet: true},
		{Method: "HEAD", Path: "/long", Raw: edge.Page("text/html", "default-src 'none'", []byte(long)), Quiet: true},
		{Method: "GET", Path: "/short", Raw: edge.Static("text/plain", []byte(short)), Quiet: true},
	}})
	tags := map[string]string{}
	tests := []struct {
		name, method, path, accepts, held string
		status                            int
		coding, body                      string
	}{
		{"as it is", "GET", "/long", "", "", 200, "", long},
		{"packed for who takes it", "GET", "/long", "gzip, deflate, br", "", 200, "gzip", long},
		{"packed, last of a list", "GET", "/long", "deflate, gzip", "", 200, "gzip", long},
		{"not for who refuses it", "GET", "/long", "gzip;q=0", "", 200, "", long},
		{"what packing makes no smaller", "GET", "/short", "gzip", "", 200, "", short},
		{"held as it is", "GET", "/long", "", "as it is", 304, "", ""},
		{"held packed", "GET", "/long", "gzip", "packed for who takes it", 304, "", ""},
		{"held packed, but wanted as it is", "GET", "/long", "", "packed for who takes it", 200, "", long},
		{"held as another", "GET", "/long", "", "what packing makes no smaller", 200, "", long},
		{"its head", "HEAD", "/long", "", "", 200, "", ""},
	}
	for _, tt := range tests {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, "http://"+addr+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", tt.accepts) // set, so that the client unpacks nothing
		if tt.held != "" {
			req.Header.Set("If-None-Match", `"other", W/`+tags[tt.held])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		tags[tt.name] = res.Header.Get("ETag")
		if body := unpacked(t, res); res.StatusCode != tt.status || res.Header.Get("Content-Encoding") != tt.coding || body != tt.body {
			t.Errorf("%s: %d, coding %q, %d bytes, want %d, %q, %d bytes", tt.name, res.StatusCode, res.Header.Get("Content-Encoding"), len(body), tt.status, tt.coding, len(tt.body))
		}
		if !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept-Encoding") || tags[tt.name] == "" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", tt.name, res.Header)
		}
		if policy := res.Header.Get("Content-Security-Policy"); tt.path == "/long" && policy != "default-src 'none'" {
			t.Errorf("%s: policy %q", tt.name, policy)
		}
	}
}

func unpacked(t *testing.T, res *http.Response) string {
	t.Helper()
	defer res.Body.Close()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		unpack, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = unpack
	}
	body, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
