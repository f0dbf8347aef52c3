package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
)

//go:embed assets
var assets embed.FS

// policy lets the pages load their own files, show pictures that they fetched
// themselves, and call this server; nothing else, and nobody may frame them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pages are the files by the path under which they are served.
var pages = map[string]string{
	"/":                     "index.html",
	"/simulator":            "simulator.html",
	"/console/style.css":    "style.css",
	"/console/simulator.js": "simulator.js",
	"/console/landing.js":   "landing.js",
	"/console/icon.svg":     "icon.svg",
}

// pageRoutes returns the routes of the static files.
func pageRoutes() []edge.Route {
	var routes []edge.Route
	for at, name := range pages {
		body, err := assets.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // embedded: impossible
		}
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			routes = append(routes, edge.Route{Method: method, Path: at, Raw: page(name, body), Quiet: true})
		}
	}
	return routes
}

func page(name string, body []byte) fasthttp.RequestHandler {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	kind := mime.TypeByExtension(path.Ext(name))
	return func(req *fasthttp.RequestCtx) {
		h := &req.Response.Header
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", tag)
		if string(req.Request.Header.Peek("If-None-Match")) == tag {
			req.SetStatusCode(http.StatusNotModified)
			return
		}
		req.SetContentType(kind)
		req.SetBody(body)
	}
}
