package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// view is the page as the template walks it.
type view struct {
	Title, Version string
	Intro          string
	Base           string
	Groups         []group
}

type group struct {
	Name, Anchor string
	Intro        string
	Entries      []entry
}

// entry is an operation, or an event.
type entry struct {
	ID, Method, Path string
	Summary          string
	Doc              string
	Scope            string
	Headers          []field // what may be sent besides
	Parameters       []field
	Body             []field
	Curl             string
	Answers          []reply
	Faults           []fault
	Words            string // what a search looks at
}

// field is a parameter or a property, with what is within it.
type field struct {
	Name, In string
	Required bool
	Schema   schema
	Doc      string
	Example  string
	Within   []field
}

type reply struct {
	Status  string
	Fields  []field
	Example string
}

type fault struct {
	Status string
	Codes  []string
	Doc    string
	Own    bool // a route's own, not one that all have
}

var methods = []string{"get", "post", "put", "patch", "delete"}

func (d document) view(base string) view {
	v := view{Title: d.Info.Title, Version: d.Info.Version, Intro: d.Info.Description, Base: base}
	for _, tag := range d.Tags {
		g := group{Name: tag.Name, Intro: tag.Description, Anchor: "tag-" + strings.ToLower(strings.ReplaceAll(tag.Name, " ", "-"))}
		for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
			for _, method := range methods {
				if op, ok := d.Paths[path][method]; ok && slices.Contains(op.Tags, tag.Name) {
					g.Entries = append(g.Entries, d.entry(method, path, op, base))
				}
			}
		}
		for _, name := range slices.Sorted(maps.Keys(d.Webhooks)) {
			if op := d.Webhooks[name]["post"]; slices.Contains(op.Tags, tag.Name) {
				e := d.entry("event", name, op, base)
				e.Summary, e.Curl, e.Faults = "", "", nil
				g.Entries = append(g.Entries, e)
			}
		}
		if len(g.Entries) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	return v
}

func (d document) entry(method, path string, op operation, base string) entry {
	e := entry{
		ID: op.ID, Method: strings.ToUpper(method), Path: path, Summary: op.Summary, Scope: op.Scope,
		Doc: strings.TrimSuffix(op.Description, "Scope: `"+op.Scope+"`."),
	}
	for _, p := range op.Parameters {
		if p.Ref != "" {
			p = d.Components.Parameters[last(p.Ref)]
		}
		f := field{Name: p.Name, In: p.In, Required: p.Required, Schema: d.resolved(p.Schema), Doc: p.Description}
		if p.Example != nil {
			f.Example = fmt.Sprint(p.Example)
		}
		if p.In == "header" && !p.Required {
			e.Headers = append(e.Headers, f)
		} else {
			e.Parameters = append(e.Parameters, f)
		}
	}
	if op.Body != nil {
		for _, c := range op.Body.Content {
			e.Body = d.fields(c.Schema, 0)
		}
	}
	e.Curl = curl(e, op.Body, base)
	for _, status := range slices.Sorted(maps.Keys(op.Answers)) {
		d.addAnswer(&e, status, op.Answers[status])
	}
	slices.SortStableFunc(e.Faults, func(a, b fault) int { return cmp.Compare(btoi(b.Own), btoi(a.Own)) })
	e.Words = strings.ToLower(strings.Join([]string{e.Method, path, op.ID, op.Summary, e.Doc, strings.Join(op.Tags, " "), names(e.Parameters), names(e.Body)}, " "))
	return e
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func names(fields []field) string {
	var out []string
	for _, f := range fields {
		out = append(out, f.Name, names(f.Within))
	}
	return strings.Join(out, " ")
}

func (d document) addAnswer(e *entry, status string, a answer) {
	name := last(a.Ref)
	if a.Ref != "" {
		a = d.Components.Responses[name]
	}
	c := a.Content["application/json"]
	if n, err := strconv.Atoi(status); err != nil || n < 400 {
		e.Answers = append(e.Answers, reply{status, d.fields(d.resolved(c.Schema.Properties["data"]), 0), example(c)})
		return
	}
	text, _, _ := strings.Cut(a.Description, " `code`:")
	f := fault{Status: status, Doc: text, Own: strings.HasSuffix(name, "_"+e.ID)}
	for _, part := range c.Schema.AllOf {
		for _, code := range part.Properties["error"].Properties["code"].Enum {
			f.Codes = append(f.Codes, fmt.Sprint(code))
		}
	}
	e.Faults = append(e.Faults, f)
}

// deepest bounds how far schemas are unfolded.
const deepest = 4

// fields are the properties of s, or of what it lists: those that must be there
// first.
func (d document) fields(s schema, depth int) []field {
	if s = d.resolved(s); s.Items != nil {
		s = d.resolved(*s.Items)
	}
	if depth > deepest {
		return nil
	}
	var out []field
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := d.resolved(s.Properties[name])
		f := field{Name: name, Required: slices.Contains(s.Required, name), Schema: p, Doc: p.Description, Within: d.fields(p, depth+1)}
		if len(p.Examples) > 0 {
			f.Example = oneLine(p.Examples[0])
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b field) int { return cmp.Compare(btoi(b.Required), btoi(a.Required)) })
	return out
}

func oneLine(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}

func example(c content) string {
	for _, name := range slices.Sorted(maps.Keys(c.Examples)) {
		var out bytes.Buffer
		if json.Indent(&out, c.Examples[name].Value, "", "  ") == nil {
			return out.String()
		}
	}
	return ""
}

// curl is the example as a command.
func curl(e entry, b *body, base string) string {
	path, query := e.Path, url.Values{}
	for _, p := range e.Parameters {
		if p.In == "path" && p.Example != "" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(p.Example))
		}
		if p.In == "query" && p.Example != "" {
			query.Set(p.Name, p.Example)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	out := "curl"
	if e.Method != "GET" {
		out += " -X " + e.Method
	}
	out += " " + quoted(base+path) + " \\\n  -H \"Authorization: Bearer $KEY\""
	if b == nil {
		return out
	}
	if _, form := b.Content["multipart/form-data"]; form {
		return out + " \\\n  -F file=@photo.jpg"
	}
	if text := example(b.Content["application/json"]); text != "" {
		out += " \\\n  -H 'Content-Type: application/json' \\\n  -d " + quoted(text)
	}
	return out
}

// quoted is s for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// kind says what a value is, in words.
func kind(s schema) string {
	switch {
	case s.Items != nil && last(s.Items.Ref) != "":
		return "list of objects"
	case s.Items != nil:
		return "list of " + kind(*s.Items) + "s"
	case len(s.Properties) > 0:
		return "object"
	case s.Format == "date-time":
		return "time"
	}
	switch typ := s.Type.(type) {
	case string:
		return typ
	case []any: // it may be null, which is as good as nothing
		return fmt.Sprint(typ[0])
	}
	return "anything"
}

// limits says what a value may be.
func limits(s schema) string {
	var out []string
	if s.Items != nil && len(s.Items.Enum) > 0 {
		s.Enum = s.Items.Enum
	}
	if len(s.Enum) > 0 {
		var options []string
		for _, v := range s.Enum {
			if v != nil && v != "" { // those are as if it was left out
				options = append(options, fmt.Sprint(v))
			}
		}
		out = append(out, strings.Join(options, " · "))
	}
	number := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	switch {
	case s.Minimum != nil && s.Maximum != nil:
		out = append(out, number(*s.Minimum)+" to "+number(*s.Maximum))
	case s.Minimum != nil:
		out = append(out, "at least "+number(*s.Minimum))
	case s.Maximum != nil:
		out = append(out, "at most "+number(*s.Maximum))
	}
	if s.MaxLength != nil {
		out = append(out, "at most "+strconv.Itoa(*s.MaxLength)+" characters")
	}
	if s.MaxItems != nil {
		out = append(out, "at most "+strconv.Itoa(*s.MaxItems)+" entries")
	}
	return strings.Join(out, "; ")
}

// prose writes paragraphs in which `this` is code; all else is text.
func prose(s string) template.HTML {
	var b strings.Builder
	for _, p := range strings.Split(strings.TrimSpace(s), "\n\n") {
		if p == "" {
			continue
		}
		b.WriteString("<p>")
		for i, part := range strings.Split(p, "`") {
			text := template.HTMLEscapeString(part)
			if i%2 == 1 {
				text = "<code>" + text + "</code>"
			}
			b.WriteString(text)
		}
		b.WriteString("</p>")
	}
	return template.HTML(b.String())
}
