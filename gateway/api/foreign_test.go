package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"frontdesk/gateway/api"
)

// never404 are routes for which what is not there is no error: they do nothing.
var never404 = []string{"releaseHold"}

// TestForeignIDMatrix asks every route, in every place where it takes an id or
// a cursor, with an id of each kind that belongs to another business: it is not
// there, nothing is told of it, and nothing is changed.
func TestForeignIDMatrix(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own, foreign := l.furnish(l.Maya), l.furnish(l.Globex)
	kinds := slices.Sorted(maps.Keys(foreign))
	before, cells := l.digest(), map[string]int{}
	key := l.Maya.Keys["all"]
	routes := l.native()
	for i, r := range routes {
		good := l.sample(r, key, own)
		for _, p := range l.placesOf(good) {
			for _, kind := range kinds {
				l.refused(key, p.with(l.sample(r, key, own), foreign[kind]), p, foreign[kind])
				cells[p.way]++
			}
		}
		if i+1 == len(routes) || routes[i+1].Tag != r.Tag {
			l.unchanged(before, r.Tag+" with another's ids")
			before = l.digest() // what was found is told once
		}
	}
	cells["cursor"] += l.foreignCursors(key)
	l.unchanged(before, "another's cursors")
	total := 0
	for _, n := range cells {
		total += n
	}
	t.Logf("%d cells of %d kinds: %v", total, len(kinds), cells)
	if total < 2000 {
		t.Errorf("only %d cells were asked, want 2,000", total)
	}
}

// idPlace is where a request bears an id.
type idPlace struct {
	way  string // path, query or body
	name string
	with func(s sample, id string) sample
}

func (l *lab) refused(key string, s sample, p idPlace, id string) {
	l.t.Helper()
	a := l.send(key, s)
	at := fmt.Sprintf("%s %s %s (%s %s)", s.route.Method, s.target(), s.text(), p.way, p.name)
	silent := slices.Contains(never404, s.route.ID) && a.StatusCode == http.StatusNoContent
	switch ok := a.StatusCode == http.StatusNotFound || silent; {
	case ok:
	case s.route.ID == "estimateMessage" && p.name == "reply_to" && a.StatusCode == http.StatusOK:
		// an estimate does not look at what a message answers
	case p.name == "hold_id" && a.StatusCode == http.StatusConflict && code(a.JSON(l.t)) == "hold_expired":
		// one that never was is told from one that is over no more than another's
	case p.way != "path" && (a.StatusCode == http.StatusBadRequest || a.StatusCode == http.StatusUnprocessableEntity):
		// a reference that is no reference, as documented
	default:
		l.t.Errorf("%s: %d %s, want 404", at, a.StatusCode, a.Text)
	}
	told := strings.ReplaceAll(string(a.Text), id, "")
	if strings.Contains(told, "globex") || strings.Contains(told, string(l.Globex.ID)) {
		l.t.Errorf("%s: tells of another business: %s", at, a.Text)
	}
}

// placesOf are the places of s: its path's parameters, the parameters of its
// query and the fields of its body that the document names so, and whatever in
// the example is an id.
func (l *lab) placesOf(s sample) []idPlace {
	var out []idPlace
	for i, part := range strings.Split(s.route.Path, "/") {
		if strings.HasPrefix(part, "{") {
			out = append(out, idPlace{"path", part, func(s sample, id string) sample {
				parts := strings.Split(s.path, "/")
				parts[i] = id
				s.path = strings.Join(parts, "/")
				return s
			}})
		}
	}
	op := l.operation(s.route)
	for _, p := range op.Parameters {
		if name := p.Value.Name; p.Value.In == "query" && (isReference(name) || idForm.MatchString(s.query.Get(name))) {
			out = append(out, idPlace{"query", name, func(s sample, id string) sample {
				s.query = maps.Clone(s.query)
				s.query.Set(name, id)
				return s
			}})
		}
	}
	if schema := bodySchema(op); schema != nil {
		for name, f := range schema.Properties {
			if isReference(name) {
				out = append(out, fieldPlace(name, f.Value.Type.Includes("array")))
			}
		}
	}
	return append(out, within(s.body, nil)...)
}

func isReference(name string) bool {
	return strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_ids") || name == "reply_to" || name == "moving"
}

// fieldPlace is a field of the body itself. Another field that names the same
// thing makes way.
func fieldPlace(name string, isList bool) idPlace {
	return idPlace{"body", name, func(s sample, id string) sample {
		body, _ := s.body.(map[string]any)
		body = maps.Clone(body)
		if body == nil {
			body = map[string]any{}
		}
		if body[name] = id; isList {
			body[name] = []any{id}
		}
		if name == "contact_id" || name == "conversation_id" {
			for _, other := range []string{"to", "contact", "contact_id", "conversation_id"} {
				if other != name {
					delete(body, other)
				}
			}
		}
		s.body = body
		return s
	}}
}

// within are the places deeper in a body where the example has an id.
func within(v any, at []any) []idPlace {
	var out []idPlace
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if len(at) > 0 || !isReference(name) {
				out = append(out, within(v[name], append(slices.Clone(at), name))...)
			}
		}
	case []any:
		for i := range v {
			out = append(out, within(v[i], append(slices.Clone(at), i))...)
		}
	case string:
		if idForm.FindString(v) == v && v != "" {
			out = append(out, idPlace{"body", fmt.Sprint(at), func(s sample, id string) sample {
				raw, err := json.Marshal(s.body)
				if err != nil {
					panic(err) // it came out of JSON
				}
				var fresh any
				_ = json.Unmarshal(raw, &fresh)
				s.body = put(fresh, at, id)
				return s
			}})
		}
	}
	return out
}

func put(v any, at []any, id string) any {
	if len(at) == 0 {
		return id
	}
	switch v := v.(type) {
	case map[string]any:
		v[at[0].(string)] = put(v[at[0].(string)], at[1:], id)
	case []any:
		v[at[0].(int)] = put(v[at[0].(int)], at[1:], id)
	}
	return v
}

// foreignCursors asks every list with the cursors that another business was
// given, and returns how many cells that were.
func (l *lab) foreignCursors(key string) int {
	l.t.Helper()
	theirs := map[string]string{}
	lists := slices.DeleteFunc(l.native(), func(r api.Route) bool {
		return r.Method != http.MethodGet || l.operation(r).Parameters.GetByInAndName("query", "cursor") == nil
	})
	for _, r := range lists {
		if strings.Contains(r.Path, "{") {
			continue
		}
		v := l.Do(l.t, l.Globex.Keys["all"], "GET", r.Path+"?limit=1", "").JSON(l.t)
		if m, _ := v["meta"].(map[string]any); m["has_more"] == true {
			theirs[r.ID] = text(m, "cursor")
		}
	}
	if len(theirs) < 3 {
		l.t.Errorf("only %d lists of the other business have a second page", len(theirs))
	}
	cells := 0
	for _, r := range lists {
		for _, of := range slices.Sorted(maps.Keys(theirs)) {
			s := l.sample(r, key, things{})
			s.query = url.Values{"cursor": {theirs[of]}}
			a := l.send(key, s)
			if cells++; a.StatusCode != http.StatusBadRequest || code(a.JSON(l.t)) != "invalid_cursor" {
				l.t.Errorf("GET %s with the cursor of another business's %s: %d %s, want 400 invalid_cursor", r.Path, of, a.StatusCode, a.Text)
			}
		}
	}
	return cells
}
