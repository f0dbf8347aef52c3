// Package reference is the API reference at /docs/api: a page made of the
// OpenAPI document when the program starts. All of it can be read without
// JavaScript; with it, it can be searched and its examples copied. It loads
// nothing from elsewhere.
package reference

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"frontdesk/gateway/edge"
)

//go:embed assets
var assets embed.FS

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Path is where the reference is.
const Path = "/docs/api"

// Routes returns the routes of the page that describes document, an OpenAPI 3.1
// document as api.Document makes it. base is the address that its examples are
// sent to, "https://desk.example.com".
func Routes(document []byte, base string) ([]edge.Route, error) {
	page, err := render(document, base)
	if err != nil {
		return nil, fmt.Errorf("API reference: %w", err)
	}
	routes := serve(nil, Path, "text/html; charset=utf-8", page)
	for name, kind := range map[string]string{"style.css": "text/css; charset=utf-8", "search.js": "text/javascript; charset=utf-8"} {
		body, err := assets.ReadFile("assets/" + name)
		if err != nil {
			return nil, fmt.Errorf("API reference: %w", err)
		}
		routes = serve(routes, Path+"/"+name, kind, body)
	}
	return routes, nil
}

func serve(routes []edge.Route, path, kind string, body []byte) []edge.Route {
	handler := edge.Page(kind, policy, body)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		routes = append(routes, edge.Route{Method: method, Path: path, Raw: handler, Quiet: true})
	}
	return routes
}

// render makes the page.
func render(document []byte, base string) ([]byte, error) {
	doc, err := read(document)
	if err != nil {
		return nil, err
	}
	t, err := template.New("page.html").Funcs(template.FuncMap{"prose": prose, "kind": kind, "limits": limits}).ParseFS(assets, "assets/page.html")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, doc.view(base)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
