package template

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"frontdesk/ingest"
)

// Mismatch is what does not fit between a template and what fills it. Field is
// below components: "[1].parameters[0].type"; empty where a component is missing.
type Mismatch struct{ Field, Message string }

func (m *Mismatch) Error() string { return "components" + m.Field + ": " + m.Message }

// component is a part of a template, as the provider has it.
type component struct {
	Type    string `json:"type"`   // HEADER, BODY, FOOTER, BUTTONS
	Format  string `json:"format"` // of a header: TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION
	Text    string `json:"text"`
	Buttons []struct {
		Type string `json:"type"`
		Text string `json:"text"`
		URL  string `json:"url"`
	} `json:"buttons"`
}

// filling is what a send puts into a part.
type filling struct {
	Type       string          `json:"type"`     // header, body, button
	SubType    string          `json:"sub_type"` // of a button: url, quick_reply …
	Index      json.RawMessage `json:"index"`    // of a button: "0" or 0
	Parameters []parameter     `json:"parameters"`
}

type parameter struct {
	Type string          `json:"type"`
	Text json.RawMessage `json:"text"`
	Name string          `json:"parameter_name"`
}

var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z0-9_]+)\s*\}\}`)

// placeholders returns the names in text, each once, in their order.
func placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	return out
}

// slot is what must be filled in at a place of the template.
type slot struct {
	place string   // header, body, button 0 …
	names []string // of text placeholders
	kind  string   // of the one file or place that a header needs; empty: text
}

// Check judges a message that fills the template of k with components. It is
// ErrNotApproved, or a *Mismatch, of the template that it returns. One that is
// not known here is the provider's to judge: the zero Template, and no error.
func (s *Store) Check(ctx context.Context, tenant ingest.TenantID, k Key, components json.RawMessage) (Template, error) {
	t, err := s.named(ctx, tenant, k)
	if errors.Is(err, ErrNotFound) && k.Test {
		k.Test = false // the sandbox has the live ones too
		t, err = s.named(ctx, tenant, k)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return Template{}, nil
	case err != nil:
		return Template{}, err
	case t.Status != Approved:
		return t, ErrNotApproved
	}
	return t, fits(t.Components, components)
}

// fits reports, as a *Mismatch, what of components does not fill the template
// definition: parameters that are missing, too many, or of another type. A
// definition that cannot be read fits everything: the provider will tell.
func fits(definition, components json.RawMessage) error {
	var parts []component
	if json.Unmarshal(definition, &parts) != nil || len(parts) == 0 {
		return nil
	}
	var given []filling
	if len(components) > 0 {
		if err := json.Unmarshal(components, &given); err != nil {
			return &Mismatch{"", "a list of components in the provider's form is expected"}
		}
	}
	filled := map[string]int{}
	for i, f := range given {
		place := f.place()
		if _, twice := filled[place]; twice {
			return &Mismatch{fmt.Sprintf("[%d]", i), "fills the " + place + " a second time"}
		}
		filled[place] = i
	}
	needs := slots(parts)
	for _, s := range needs {
		i, ok := filled[s.place]
		if !ok {
			return &Mismatch{"", fmt.Sprintf("the %s is not filled: it needs %s", s.place, s.wants())}
		}
		if err := s.fits(given[i].Parameters, fmt.Sprintf("[%d].parameters", i)); err != nil {
			return err
		}
	}
	return surplus(needs, given)
}

// surplus reports parameters for a place that takes none. A button's payload is
// no placeholder.
func surplus(needs []slot, given []filling) error {
	for i, f := range given {
		place := f.place()
		known := slices.ContainsFunc(needs, func(s slot) bool { return s.place == place })
		if !known && len(f.Parameters) > 0 && (f.Type != "button" || strings.EqualFold(f.SubType, "url")) {
			return &Mismatch{fmt.Sprintf("[%d].parameters", i), fmt.Sprintf("the template's %s takes none", place)}
		}
	}
	return nil
}

func (f filling) place() string {
	if f.Type = strings.ToLower(f.Type); f.Type == "button" {
		return "button " + strings.Trim(string(f.Index), `" `)
	}
	return f.Type
}

// slots returns what must be filled in.
func slots(parts []component) []slot {
	var out []slot
	for _, p := range parts {
		switch strings.ToUpper(p.Type) {
		case "HEADER":
			format := strings.ToLower(p.Format)
			if names := placeholders(p.Text); len(names) > 0 {
				out = append(out, slot{place: "header", names: names})
			} else if slices.Contains([]string{"image", "video", "document", "location"}, format) {
				out = append(out, slot{place: "header", kind: format})
			}
		case "BODY":
			if names := placeholders(p.Text); len(names) > 0 {
				out = append(out, slot{place: "body", names: names})
			}
		case "BUTTONS":
			for i, b := range p.Buttons {
				if names := placeholders(b.URL); len(names) > 0 {
					out = append(out, slot{place: "button " + strconv.Itoa(i), names: names})
				}
			}
		}
	}
	return out
}

func (s slot) wants() string {
	switch {
	case s.kind != "":
		return "one parameter of type " + s.kind
	case len(s.names) == 1:
		return "one parameter"
	}
	return fmt.Sprintf("%d parameters", len(s.names))
}

// textTypes are parameters that stand for a placeholder in a text.
var textTypes = []string{"text", "currency", "date_time"}

func (s slot) fits(given []parameter, at string) error {
	want := max(len(s.names), 1)
	if len(given) != want {
		return &Mismatch{at, fmt.Sprintf("%d given, the %s needs %s", len(given), s.place, s.wants())}
	}
	named := given[0].Name != ""
	for i, p := range given {
		field := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case s.kind != "":
			if p.Type != s.kind {
				return &Mismatch{field + ".type", fmt.Sprintf("the header needs %s", s.kind)}
			}
		case !slices.Contains(textTypes, p.Type):
			return &Mismatch{field + ".type", "one of text, currency, date_time is expected"}
		case p.Type == "text" && !isText(p.Text):
			return &Mismatch{field + ".text", "a text that is not empty is expected"}
		case s.isNamed() && !slices.Contains(s.names, p.Name):
			return &Mismatch{field + ".parameter_name", "the " + s.place + " has the placeholders " + strings.Join(s.names, ", ")}
		case named && slices.ContainsFunc(given[:i], func(q parameter) bool { return q.Name == p.Name }):
			return &Mismatch{field + ".parameter_name", "is given twice"}
		}
	}
	return nil
}

// isNamed reports whether the placeholders have names rather than numbers.
func (s slot) isNamed() bool {
	_, err := strconv.Atoi(s.names[0])
	return err != nil
}

func isText(raw json.RawMessage) bool {
	var text string
	return json.Unmarshal(raw, &text) == nil && text != ""
}

var nameForm = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)

// Valid reports, as a *Mismatch whose Field is that of the whole template, what
// the provider would refuse of a new template for its form.
func Valid(t Template) error {
	if !nameForm.MatchString(t.Name) {
		return &Mismatch{"name", "1 to 512 lower-case letters, digits and underscores are expected"}
	}
	var parts []component
	if err := json.Unmarshal(t.Components, &parts); err != nil {
		return &Mismatch{"components", "a list of components in the provider's form is expected"}
	}
	bodies := 0
	for i, p := range parts {
		field := fmt.Sprintf("components[%d]", i)
		typ := strings.ToUpper(p.Type)
		if !slices.Contains([]string{"HEADER", "BODY", "FOOTER", "BUTTONS"}, typ) {
			return &Mismatch{field + ".type", "one of HEADER, BODY, FOOTER, BUTTONS is expected"}
		}
		if typ == "BODY" {
			bodies++
		}
		if err := numbered(placeholders(p.Text), field+".text"); err != nil {
			return err
		}
	}
	if bodies != 1 {
		return &Mismatch{"components", "exactly one BODY is expected"}
	}
	return nil
}

// numbered reports placeholders that are mixed, or do not count up from 1.
func numbered(names []string, field string) error {
	numbers := 0
	for _, n := range names {
		if _, err := strconv.Atoi(n); err == nil {
			numbers++
		}
	}
	if numbers > 0 && numbers < len(names) {
		return &Mismatch{field, "placeholders have either numbers or names"}
	}
	for i := range numbers {
		if !slices.Contains(names, strconv.Itoa(i+1)) {
			return &Mismatch{field, fmt.Sprintf("placeholders are numbered from {{1}} without gaps; {{%d}} is missing", i+1)}
		}
	}
	return nil
}
