package bookpage

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"

	"frontdesk/gateway/edge"
)

//go:embed assets
var assets embed.FS

var pages = template.Must(template.ParseFS(assets, "assets/*.html"))

// view is what every page shows.
type view struct {
	Words     words
	Business  string
	Title     string
	Home      string
	Embed     bool
	Languages []option
	Heading   string // besides the title: what a problem is
	Hint      string
}

func (v *visit) view(title string) view {
	out := view{Words: v.words, Business: v.business.Name, Title: title, Home: v.url(""), Embed: v.embed}
	if offered := spoken(v.business); len(offered) > 1 {
		for _, l := range offered {
			out.Languages = append(out.Languages, option{Name: languages[l].LanguageName, Detail: l, URL: v.here(l), Current: l == v.words.Language})
		}
	}
	return out
}

// url returns an address of this business's pages. Language and frame stay as
// they are.
func (v *visit) url(rest string, params ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(params); i += 2 {
		if params[i+1] != "" {
			q.Set(params[i], params[i+1])
		}
	}
	if v.lang != "" && v.lang == v.words.Language {
		q.Set("lang", v.lang)
	}
	if v.embed {
		q.Set("embed", "1")
	}
	address := "/book/" + url.PathEscape(v.business.Slug) + rest
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	return address
}

// here returns the address of this page in another language; that of a form
// which came back, the beginning.
func (v *visit) here(language string) string {
	q := url.Values{}
	for name, value := range v.req.QueryArgs().All() {
		q.Set(string(name), string(value))
	}
	q.Set("lang", language)
	if v.req.IsPost() {
		return "/book/" + url.PathEscape(v.business.Slug) + "?" + url.Values{"lang": {language}}.Encode()
	}
	return string(v.req.URI().PathOriginal()) + "?" + q.Encode()
}

// policy lets a page load its own files, send its forms here and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "

// show replies with a page.
func (v *visit) show(status int, name string, data any) error {
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name+".html", data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	h := &v.req.Response.Header
	if v.embed {
		h.Set("Content-Security-Policy", policy+"* file:") // a page that is tried out may lie on a disk
	} else {
		h.Set("Content-Security-Policy", policy+"'none'")
		h.Set("X-Frame-Options", "DENY")
	}
	h.Set("Referrer-Policy", "same-origin") // addresses are secrets
	h.Set("Vary", "Accept-Language")
	h.Set("Content-Language", v.words.Language)
	h.Set("X-Robots-Tag", robots(name))
	h.SetContentType("text/html; charset=utf-8")
	v.req.SetStatusCode(status)
	v.req.Response.SetBodyRaw(body.Bytes())
	return nil
}

// robots keeps all but the first page out of search engines.
func robots(name string) string {
	if name == "choose" {
		return "index, nofollow"
	}
	return "noindex, nofollow"
}

// problem shows that something is not as the visitor thinks.
func (v *visit) problem(status int, heading, hint string) error {
	data := v.view(heading)
	data.Heading, data.Hint = heading, hint
	if status == http.StatusNotFound && v.business.Slug == "" {
		data.Home = ""
	}
	return v.show(status, "problem", data)
}

// wait tells a visitor who asks too often when to come again.
func (v *visit) wait(d time.Duration) error {
	v.req.Response.Header.Set("Retry-After", strconv.Itoa(int(max(d, time.Second)/time.Second)))
	return v.problem(http.StatusTooManyRequests, v.words.TooMany, v.words.TooManyHint)
}

// redirect leads on to an address of these pages.
func (v *visit) redirect(address string) error {
	v.req.Response.Header.Set("Location", address)
	v.req.SetStatusCode(http.StatusSeeOther)
	return nil
}

// tidy makes one line of what somebody typed.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// assetRoutes returns the routes of what the pages load.
func assetRoutes() []edge.Route {
	var routes []edge.Route
	for _, name := range []string{"style.css", "page.js"} {
		body, err := assets.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // embedded: impossible
		}
		routes = append(routes, edge.Route{Method: http.MethodGet, Path: "/bookpage/" + name, Raw: edge.Static(mime.TypeByExtension(path.Ext(name)), body), Quiet: true})
	}
	return routes
}
