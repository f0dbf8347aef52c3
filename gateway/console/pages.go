package console

import (
	"embed"
	"mime"
	"net/http"
	"path"

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
			routes = append(routes, edge.Route{Method: method, Path: at, Raw: edge.Page(mime.TypeByExtension(path.Ext(name)), policy, body), Quiet: true})
		}
	}
	return routes
}
