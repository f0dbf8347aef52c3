package tenant

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/webhook"
	"frontdesk/kb/extract"
)

func (r *reader) channel(n *yaml.Node, at string) ChannelSpec {
	o := r.object(n, at)
	c := ChannelSpec{
		line: n.Line, Name: o.need("name"),
		Phone:         o.matching("phone", phoneForm, "a number such as +15555550100"),
		BaseURL:       r.webURL(o, "base_url"),
		RatePerSecond: o.number("rate_per_second", 1, 10_000),
	}
	c.Type = o.need("type")
	switch c.Type {
	case provider.WhatsApp:
		c.refKey, c.accountKey = "phone_number_id", "waba_id"
		c.Ref = o.matching(c.refKey, digitsForm, "the number's id at Meta, digits only,")
		c.Account = o.matching(c.accountKey, digitsForm, "the WhatsApp business account's id, digits only,")
		c.AccessToken, c.AppSecret, c.VerifyToken = o.text("access_token"), o.text("app_secret"), o.text("verify_token")
		c.APIVersion = o.matching("api_version", versionForm, "a version such as v25.0")
		c.MarkRead = o.flag("mark_read")
	case provider.Twilio:
		c.refKey, c.accountKey = "phone", "account_sid"
		c.Account = o.matching(c.accountKey, accountForm, "a SID such as AC followed by 32 hex digits")
		c.AuthToken = o.text("auth_token")
		network := o.oneOf("network", "sms", "whatsapp")
		if c.Ref = o.text("messaging_service_sid"); c.Ref == "" && c.Phone != "" {
			c.Ref = c.Phone
			if network == "whatsapp" {
				c.Ref = "whatsapp:" + c.Phone
			}
		}
		if c.Phone == "" && c.Ref == "" {
			r.fault(n, at+".phone", "is missing")
		}
	default:
		if c.Type != "" {
			r.fault(o.values["type"], at+".type", "one of whatsapp, twilio is expected")
		}
		return c // its fields cannot be judged
	}
	o.done()
	return c
}

// webURL is an http or https URL without credentials in it.
func (r *reader) webURL(o *object, field string) string {
	s := o.text(field)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.User != nil {
		r.fault(o.values[field], o.at(field), "a URL such as https://example.com is expected")
	}
	return s
}

func (r *reader) agent(n *yaml.Node, at string, f *File) AgentSpec {
	o := r.object(n, at)
	a := AgentSpec{Name: o.need("name"), Channels: o.texts("channels"), Instructions: o.text("instructions")}
	a.Debounce, a.HasDebounce = o.duration("debounce", time.Minute)
	for i, name := range a.Channels {
		known := slices.ContainsFunc(f.Channels, func(c ChannelSpec) bool { return c.Name == name })
		if !known && f.Has("channels") {
			r.fault(o.values["channels"].Content[i], fmt.Sprintf("%s.channels[%d]", at, i), "the file has no channel of this name")
		}
	}
	if n := o.take("handoff"); n != nil {
		h := r.object(n, at+".handoff")
		a.AfterFailures = h.number("after_failures", 1, 100)
		a.HandoffWords = h.texts("words")
		h.done()
	}
	o.done()
	return a
}

// files is what stands behind the names of `file:` fields, put there by the
// command line.
func (r *reader) files(o *object) map[string][]byte {
	n := o.take("files")
	out := map[string][]byte{}
	if n == nil {
		return out
	}
	f := r.object(n, "files")
	for _, k := range f.keys {
		data, err := base64.StdEncoding.DecodeString(f.text(k.Value))
		if err != nil {
			r.fault(k, f.at(k.Value), "base64 is expected")
		}
		out[k.Value] = data
	}
	return out
}

var typesByExtension = map[string]string{".pdf": "pdf", ".docx": "docx", ".md": "markdown", ".html": "html", ".htm": "html", ".txt": "text"}

func (r *reader) article(n *yaml.Node, at string, f *File, files map[string][]byte) ArticleSpec {
	o := r.object(n, at)
	a := ArticleSpec{
		line: n.Line, Title: o.need("title"), Content: o.text("content"), File: o.text("file"),
		Type:      o.oneOf("type", "text", "markdown", "html", "faq", "pdf", "docx"),
		Agent:     o.text("agent"),
		Questions: o.texts("questions"),
		Language:  o.matching("language", languageForm, "a code such as en or es"),
		Source:    o.text("source"),
	}
	o.done()
	r.bounds(o, a)
	if a.Agent != "" && f.Has("agents") && !slices.ContainsFunc(f.Agents, func(s AgentSpec) bool { return s.Name == a.Agent }) {
		r.fault(o.values["agent"], at+".agent", "the file has no agent of this name")
	}
	if a.File == "" {
		if strings.TrimSpace(a.Content) == "" && !o.faulted("content") {
			r.fault(n, at+".content", "is missing; give content or file")
		}
		if a.Type == "pdf" || a.Type == "docx" {
			r.fault(o.values["type"], at+".type", "needs a file")
		}
		return a
	}
	r.attach(o, &a, files)
	return a
}

// bounds are those of the knowledge, so that an article that cannot be taken is
// told of before anything is applied.
func (r *reader) bounds(o *object, a ArticleSpec) {
	bound := func(field string, n, most int, of string) {
		if n > most {
			r.fault(o.values[field], o.at(field), "has %d %s, at most %d are taken", n, of, most)
		}
	}
	bound("title", utf8.RuneCountInString(a.Title), 300, "characters")
	bound("source", len(a.Source), 1000, "bytes")
	bound("content", len(a.Content), extract.MaxText, "bytes")
	bound("questions", len(a.Questions), 1000, "entries")
	for i, q := range a.Questions {
		if n := utf8.RuneCountInString(q); n > 500 {
			r.fault(o.values["questions"].Content[i], fmt.Sprintf("%s[%d]", o.at("questions"), i), "has %d characters, at most 500 are taken", n)
		}
	}
}

// attach gives an article the document that its file field names.
func (r *reader) attach(o *object, a *ArticleSpec, files map[string][]byte) {
	data, ok := files[a.File]
	if a.Content != "" {
		r.fault(o.values["content"], o.at("content"), "stands beside file; give one of the two")
	}
	if !ok {
		r.fault(o.values["file"], o.at("file"), "the file's content was not sent; use frontdesk apply, which sends it along")
	}
	if a.Type == "" {
		a.Type = typesByExtension[strings.ToLower(path.Ext(a.File))]
	}
	switch a.Type {
	case "":
		r.fault(o.values["file"], o.at("file"), "a file ending in .pdf, .docx, .md, .html or .txt is expected, or give its type")
	case "pdf", "docx":
		a.Data = data
	default:
		if a.Content = string(data); ok && (strings.TrimSpace(a.Content) == "" || !utf8.Valid(data) || len(data) > extract.MaxText) {
			r.fault(o.values["file"], o.at("file"), "a text in UTF-8 is expected, not empty and of at most %d bytes", extract.MaxText)
		}
	}
	if a.Source == "" {
		a.Source = a.File
	}
}

func (r *reader) key(n *yaml.Node, at string) KeySpec {
	o := r.object(n, at)
	k := KeySpec{Name: o.need("name"), Scopes: o.texts("scopes"), Mode: Mode(o.oneOf("mode", "live", "test"))}
	k.Dialect = Dialect(o.oneOf("dialect", "frontdesk", "aivo", "kaivox", "avoca", "buildvoiceai", "convoai"))
	if k.Mode == "" {
		k.Mode = ModeLive
	}
	if k.Dialect == "" {
		k.Dialect = Native
	}
	if len(k.Scopes) == 0 && !o.faulted("scopes") {
		r.fault(n, at+".scopes", `is missing; ["*"] may do all`)
	}
	for i, s := range k.Scopes {
		if !ValidScope(s) {
			r.fault(o.values["scopes"].Content[i], fmt.Sprintf("%s.scopes[%d]", at, i), `a scope such as contacts:read is expected, or "*"`)
		}
	}
	slices.Sort(k.Scopes)
	k.Scopes = slices.Compact(k.Scopes)
	o.done()
	return k
}

func (r *reader) webhook(n *yaml.Node, at string) webhook.Spec {
	o := r.object(n, at)
	o.need("url")
	before := len(r.problems)
	w := webhook.Spec{URL: r.webURL(o, "url"), Events: o.texts("events"), Format: o.oneOf("format", webhook.Formats...), Secret: o.text("secret")}
	if w.Format == "" {
		w.Format = "standard"
	}
	if len(w.Events) == 0 && !o.faulted("events") {
		r.fault(n, at+".events", `is missing; ["*"] sends all`)
	}
	for i, e := range w.Events {
		if e != "*" && !eventForm.MatchString(e) {
			r.fault(o.values["events"].Content[i], fmt.Sprintf("%s.events[%d]", at, i), "an event such as message.received is expected")
		}
	}
	slices.Sort(w.Events)
	w.Events = slices.Compact(w.Events)
	var wrong *webhook.InvalidError
	if len(r.problems) == before && errors.As(w.Check(), &wrong) {
		r.fault(n, at+"."+wrong.Field, "%s", wrong.Message)
	}
	o.done()
	return w
}
