package edge

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/valyala/fasthttp"
)

// Page returns a handler of a page, or of a file of one, that stays as it is.
// Browsers ask whether theirs is still the one. policy is its
// Content-Security-Policy.
func Page(contentType, policy string, body []byte) fasthttp.RequestHandler {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	return func(req *fasthttp.RequestCtx) {
		h := &req.Response.Header
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		if string(req.Request.Header.Peek("If-None-Match")) == tag {
			req.SetStatusCode(fasthttp.StatusNotModified)
			return
		}
		req.SetContentType(contentType)
		req.SetBody(body)
	}
}
