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
