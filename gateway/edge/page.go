package edge

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/valyala/fasthttp"
)

// Page is [Static] for a page, or a file of one. policy is its
// Content-Security-Policy.
func Page(contentType, policy string, body []byte) fasthttp.RequestHandler {
	static := Static(contentType, body)
	return func(req *fasthttp.RequestCtx) {
		static(req)
		h := &req.Response.Header
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
}

// Static returns a handler of a body that stays as it is while the program runs.
// Who has it already is told so instead of being sent it again; who takes gzip
// gets it packed, which is done once, when it is asked for first.
func Static(contentType string, body []byte) fasthttp.RequestHandler {
	plain := representation{body: body, tag: tagOf(body)}
	packed := sync.OnceValue(func() representation { return plain.packed() })
	return func(req *fasthttp.RequestCtx) {
		send := plain
		if req.Request.Header.HasAcceptEncoding("gzip") {
			send = packed()
		}
		h := &req.Response.Header
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		h.Add("Vary", "Accept-Encoding")
		h.Set("ETag", send.tag)
		if held := req.Request.Header.Peek("If-None-Match"); len(held) > 0 && bytes.Contains(held, []byte(send.tag)) {
			req.SetStatusCode(fasthttp.StatusNotModified)
			return
		}
		if send.coding != "" {
			h.Set("Content-Encoding", send.coding)
		}
		req.SetContentType(contentType)
		req.Response.SetBodyRaw(send.body)
	}
}

// representation is one form in which a body is sent. Each has a tag of its own.
type representation struct {
	body   []byte
	tag    string
	coding string
}

// packed returns r in gzip, or r where that is not smaller.
func (r representation) packed() representation {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(r.body) // a buffer takes all
	_ = w.Close()
	if out.Len() >= len(r.body) {
		return r
	}
	return representation{body: bytes.Clone(out.Bytes()), tag: tagOf(out.Bytes()), coding: "gzip"}
}

func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}
