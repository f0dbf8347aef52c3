package contact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/ingest"
)

// Bounds of what a business keeps of a contact.
const (
	MaxNameRunes   = 200
	MaxNotesRunes  = 10_000
	MaxTags        = 50
	MaxTagRunes    = 64
	MaxFields      = 100
	MaxFieldsBytes = 16 << 10 // of all custom fields as JSON
	MaxFieldsDepth = 5
)

// Segment is what a contact is to the business.
type Segment string

// Segments.
const (
	Lead     Segment = "lead"
	Active   Segment = "active"
	Inactive Segment = "inactive"
	VIP      Segment = "vip"
)

// Segments are all there are.
var Segments = []Segment{Lead, Active, Inactive, VIP}

// InvalidError is a value that a contact cannot have. Field is its name, with
// the custom field's after a dot.
type InvalidError struct{ Field, Message string }

func (e *InvalidError) Error() string { return e.Field + ": " + e.Message }

// TakenError says that an identifier is another contact's.
type TakenError struct {
	Kind ingest.IdentifierKind
	By   ingest.ContactID
}

func (e *TakenError) Error() string {
	return fmt.Sprintf("this %s belongs to contact %s", e.Kind, e.By)
}

// Qualified is the stage, in any case, of a lead that is worth calling. All
// other stages are the business's own words.
const Qualified = "qualified"

// qualified reports whether a contact of p is a lead worth calling, or more.
func (p Profile) qualified() bool {
	return strings.EqualFold(p.Stage, Qualified) || p.Segment == Active || p.Segment == VIP
}

// qualifies reports whether the change from before to p makes a lead one worth
// calling. Who comes back from inactive was no lead, and who was made as active
// or vip never was one: their before has the segment that they were made with.
func (p Profile) qualifies(before Profile) bool {
	return !before.qualified() && p.qualified() && (before.Segment == Lead || strings.EqualFold(p.Stage, Qualified))
}

// Profile is what a business keeps of a contact, besides what providers tell.
type Profile struct {
	Name     string
	Email    string
	Language string // ISO 639-1
	Notes    string
	Tags     []string                   // in order, each once
	Fields   map[string]json.RawMessage // custom fields, by the tenant's definitions where there are any
	Segment  Segment                    // empty: lead
	Stage    string                     // of the business's pipeline
	Source   string                     // where they come from: api, walk_in, import …
}

// Draft is a contact to be made.
type Draft struct {
	Profile
	Identifiers []ingest.Identifier // may be empty: nothing can be sent to them then
	RequestKey  string              // the same key is the same contact; empty: always a new one
}

// Patch changes a profile: what is nil stays. Of Fields those named are set,
// and a null takes one away; Tags replaces all.
type Patch struct {
	Name, Email, Language, Notes, Stage, Source *string
	Segment                                     *Segment
	Tags                                        *[]string
	Fields                                      map[string]json.RawMessage
}

// apply returns p with the change, not checked yet.
func (c Patch) apply(p Profile) Profile {
	for _, f := range []struct {
		to   *string
		from *string
	}{{&p.Name, c.Name}, {&p.Email, c.Email}, {&p.Language, c.Language}, {&p.Notes, c.Notes}, {&p.Stage, c.Stage}, {&p.Source, c.Source}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if c.Segment != nil {
		p.Segment = *c.Segment
	}
	if c.Tags != nil {
		p.Tags = *c.Tags
	}
	if len(c.Fields) > 0 {
		p.Fields = maps.Clone(p.Fields)
		if p.Fields == nil {
			p.Fields = map[string]json.RawMessage{}
		}
		for name, v := range c.Fields {
			if p.Fields[name] = v; string(bytes.TrimSpace(v)) == "null" {
				delete(p.Fields, name)
			}
		}
	}
	return p
}

// FieldType is what a custom field holds.
type FieldType string

// Types of custom fields.
const (
	TextField    FieldType = "text"
	NumberField  FieldType = "number"
	BooleanField FieldType = "boolean"
	DateField    FieldType = "date" // 2026-12-24
	ChoiceField  FieldType = "choice"
)

// Field is a tenant's definition of a custom field. A field without one may
// hold any JSON.
type Field struct {
	Name    string
	Type    FieldType
	Options []string // of a choice
}

// Check reports a definition that cannot be.
func (f Field) Check() error {
	switch {
	case !fieldName(f.Name):
		return &InvalidError{"name", "1 to 64 letters, digits, _ and - are expected, a letter first"}
	case !slices.Contains([]FieldType{TextField, NumberField, BooleanField, DateField, ChoiceField}, f.Type):
		return &InvalidError{"type", "text, number, boolean, date or choice is expected"}
	case (f.Type == ChoiceField) != (len(f.Options) > 0):
		return &InvalidError{"options", "a choice has options, and nothing else has"}
	}
	return nil
}

func fieldName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || (r < '0' || r > '9') && r != '_' && r != '-') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// sound returns p as it is stored, or the first [InvalidError] in it.
func (p Profile) sound(defs map[string]Field) (Profile, error) {
	p.Name, p.Email, p.Stage, p.Source = strings.TrimSpace(p.Name), strings.TrimSpace(p.Email), strings.TrimSpace(p.Stage), strings.TrimSpace(p.Source)
	for _, f := range []struct {
		name, value string
		most        int
	}{{"name", p.Name, MaxNameRunes}, {"email", p.Email, 254}, {"language", p.Language, 3}, {"notes", p.Notes, MaxNotesRunes}, {"stage", p.Stage, 64}, {"source", p.Source, 64}} {
		if err := plain(f.name, f.value, f.most); err != nil {
			return p, err
		}
	}
	if p.Segment == "" {
		p.Segment = Lead
	}
	switch {
	case p.Email != "" && !isEmail(p.Email):
		return p, &InvalidError{"email", "an address such as maria@example.com is expected"}
	case p.Language != "" && !isLanguage(p.Language):
		return p, &InvalidError{"language", "two or three small letters are expected, such as en"}
	case !slices.Contains(Segments, p.Segment):
		return p, &InvalidError{"segment", "lead, active, inactive or vip is expected"}
	}
	var err error
	if p.Tags, err = tags(p.Tags); err != nil {
		return p, err
	}
	p.Fields, err = custom(p.Fields, defs)
	return p, err
}

func plain(field, value string, most int) error {
	switch {
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		return &InvalidError{field, "holds what is no text"}
	case utf8.RuneCountInString(value) > most:
		return &InvalidError{field, fmt.Sprintf("has more than %d characters", most)}
	}
	return nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == ""
}

func isLanguage(s string) bool {
	return len(s) >= 2 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == ""
}

// tags returns list trimmed, sorted and each once.
func tags(list []string) ([]string, error) {
	out := []string{}
	for _, tag := range list {
		tag = strings.TrimSpace(tag)
		if err := plain("tags", tag, MaxTagRunes); err != nil {
			return nil, err
		}
		if tag != "" {
			out = append(out, tag)
		}
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > MaxTags {
		return nil, &InvalidError{"tags", fmt.Sprintf("has more than %d entries", MaxTags)}
	}
	return out, nil
}

// custom returns fields as they are stored.
func custom(fields map[string]json.RawMessage, defs map[string]Field) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(fields))
	if len(fields) > MaxFields {
		return nil, &InvalidError{"fields", fmt.Sprintf("has more than %d entries", MaxFields)}
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		at := "fields." + name
		if !fieldName(name) {
			return nil, &InvalidError{"fields", "a name has 1 to 64 letters, digits, _ and -, a letter first"}
		}
		v, err := canonical(at, fields[name])
		if err != nil {
			return nil, err
		}
		if def, ok := defs[name]; ok {
			if err := def.takes(at, v); err != nil {
				return nil, err
			}
		}
		if size += len(name) + len(v); size > MaxFieldsBytes {
			return nil, &InvalidError{"fields", fmt.Sprintf("hold more than %d bytes together", MaxFieldsBytes)}
		}
		out[name] = v
	}
	return out, nil
}

// canonical returns raw as Postgres takes it: it refuses NUL and numbers that
// no program reads back.
func canonical(at string, raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) > MaxFieldsBytes {
		return nil, &InvalidError{at, fmt.Sprintf("holds more than %d bytes", MaxFieldsBytes)}
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil || dec.More() {
		return nil, &InvalidError{at, "is not JSON"}
	}
	if msg := storable(v, MaxFieldsDepth); msg != "" {
		return nil, &InvalidError{at, msg}
	}
	return json.Marshal(v)
}

func storable(v any, depth int) string {
	if depth < 0 {
		return fmt.Sprintf("is nested deeper than %d levels", MaxFieldsDepth)
	}
	switch v := v.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			return "holds a NUL character"
		}
	case json.Number:
		if _, err := v.Float64(); err != nil || len(v) > 40 {
			return "holds a number that is too large"
		}
	case []any:
		for _, item := range v {
			if msg := storable(item, depth-1); msg != "" {
				return msg
			}
		}
	case map[string]any:
		for name, item := range v {
			if strings.ContainsRune(name, 0) {
				return "holds a NUL character"
			}
			if msg := storable(item, depth-1); msg != "" {
				return msg
			}
		}
	}
	return ""
}

// takes reports why f cannot hold v.
func (f Field) takes(at string, v json.RawMessage) error {
	var text string
	isText := json.Unmarshal(v, &text) == nil && v[0] == '"'
	var number float64
	var yes bool
	ok, want := false, ""
	switch f.Type {
	case TextField:
		ok, want = isText, "a text"
	case NumberField:
		ok, want = json.Unmarshal(v, &number) == nil && v[0] != 'n', "a number"
	case BooleanField:
		ok, want = json.Unmarshal(v, &yes) == nil && v[0] != 'n', "true or false"
	case DateField:
		_, err := time.Parse(time.DateOnly, text)
		ok, want = isText && err == nil, "a day such as 2026-12-24"
	case ChoiceField:
		ok, want = isText && slices.Contains(f.Options, text), "one of "+strings.Join(f.Options, ", ")
	}
	if !ok {
		return &InvalidError{at, want + " is expected"}
	}
	return nil
}

// read returns the value of the field that text of a table stands for.
func (f Field) read(text string) json.RawMessage {
	switch f.Type {
	case NumberField, BooleanField:
		if raw := json.RawMessage(strings.TrimSpace(strings.ToLower(text))); json.Valid(raw) {
			return raw
		}
	}
	raw, _ := json.Marshal(text) // a string always can be
	return raw
}
