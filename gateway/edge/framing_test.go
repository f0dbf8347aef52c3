package edge

import (
	"bufio"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"
)

func BenchmarkDoubtful(b *testing.B) {
	var h fasthttp.RequestHeader
	const request = "POST /callbacks/whatsapp HTTP/1.1\r\nHost: desk.example.com\r\nUser-Agent: facebookexternalua\r\nContent-Length: 700\r\nContent-Type: application/json\r\n" +
		"X-Hub-Signature-256: sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\nAccept: */*\r\nAccept-Encoding: deflate, gzip\r\n\r\n"
	if err := h.Read(bufio.NewReader(strings.NewReader(request))); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if doubtful(&h) {
			b.Fatal("a plain request is doubted")
		}
	}
}

// FuzzDoubtful reads headers: one that is not doubted has no folded line, no
// bare LF and not both of length and chunks.
func FuzzDoubtful(f *testing.F) {
	f.Add("Host: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n")
	f.Add("Host: h\r\nX: a\r\n b\r\n")
	f.Add("Host: h\nX: a\n")
	f.Add("Host: h\r\nContent-Length: 4\r\n")
	f.Fuzz(func(t *testing.T, lines string) {
		var h fasthttp.RequestHeader
		if h.Read(bufio.NewReader(strings.NewReader("POST / HTTP/1.1\r\n"+lines+"\r\n"))) != nil || doubtful(&h) {
			return
		}
		raw := strings.ToLower(string(h.RawHeaders()))
		for _, line := range strings.SplitAfter(raw, "\n") {
			if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") || strings.HasSuffix(line, "\n") && !strings.HasSuffix(line, "\r\n") {
				t.Errorf("%q is not doubted", raw)
			}
		}
		if starts(raw, "content-length:") && starts(raw, "transfer-encoding:") {
			t.Errorf("%q is not doubted", raw)
		}
	})
}

func starts(raw, name string) bool {
	return strings.HasPrefix(raw, name) || strings.Contains(raw, "\n"+name)
}
