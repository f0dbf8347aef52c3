package bookpage

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// widget is GET /book/{slug}/widget.js: the script by which another site shows
// the page within its own.
func (p *Pages) widget(_ context.Context, v *visit) error {
	script, err := assets.ReadFile("assets/widget.js")
	if err != nil {
		return err
	}
	page, err := json.Marshal(p.links.Page(v.business))
	if err != nil {
		return err
	}
	title, err := json.Marshal(v.words.Title + " · " + v.business.Name)
	if err != nil {
		return err
	}
	h := &v.req.Response.Header
	h.SetContentType("text/javascript; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	v.req.SetStatusCode(http.StatusOK)
	v.req.Response.SetBodyString(strings.NewReplacer(`"PAGE"`, string(page), `"TITLE"`, string(title)).Replace(string(script)))
	return nil
}
