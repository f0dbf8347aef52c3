package edge

import (
	"io"

	"github.com/valyala/fasthttp"
)

// ReplyStream answers with what body is read as, after the handler has returned.
// Where body fails the connection is cut, so that the caller does not take what
// came for all of it. A body that is an io.Closer is closed.
func ReplyStream(req *fasthttp.RequestCtx, status int, contentType string, body io.Reader) error {
	req.SetStatusCode(status)
	req.Response.Header.SetContentType(contentType)
	req.Response.SetBodyStream(body, -1)
	return nil
}
