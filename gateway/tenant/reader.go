package tenant

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// reader walks a file's nodes and gathers what is wrong, so that all of it can
// be told at once.
type reader struct{ problems []Problem }

func (r *reader) fault(n *yaml.Node, path, format string, args ...any) {
	line := 0
	if n != nil {
		line = n.Line
	}
	r.problems = append(r.problems, Problem{Line: line, Field: path, Message: fmt.Sprintf(format, args...)})
}

// object is a mapping whose fields are taken one by one; what is left at the
// end is unknown.
type object struct {
	r      *reader
	node   *yaml.Node
	path   string
	keys   []*yaml.Node
	values map[string]*yaml.Node
	known  []string
}

func (r *reader) object(n *yaml.Node, path string) *object {
	o := &object{r: r, node: n, path: path, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.fault(n, path, "an object with fields is expected, not %s", kindOf(n))
		return o
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Kind != yaml.ScalarNode || k.Tag == "!!merge":
			r.fault(k, path, "the name of a field is expected, not %s", kindOf(k))
		case o.values[k.Value] != nil:
			r.fault(k, o.at(k.Value), "this field stands twice")
		default:
			o.keys = append(o.keys, k)
			o.values[k.Value] = v
		}
	}
	return o
}

func (o *object) at(field string) string {
	if o.path == "" {
		return field
	}
	return o.path + "." + field
}

// take returns the value of a field, nil where it is absent or null.
func (o *object) take(field string) *yaml.Node {
	o.known = append(o.known, field)
	n := o.values[field]
	if n == nil || n.Tag == "!!null" {
		return nil
	}
	return n
}

// done reports every field that was not asked for.
func (o *object) done() {
	for _, k := range o.keys {
		if !slices.Contains(o.known, k.Value) {
			o.r.fault(k, o.at(k.Value), "unknown field; known are %s", strings.Join(o.known, ", "))
		}
	}
}

// text returns a string; numbers and the like are taken as written.
func (o *object) text(field string) string {
	n := o.take(field)
	if n == nil {
		return ""
	}
	return o.r.scalar(n, o.at(field))
}

func (r *reader) scalar(n *yaml.Node, path string) string {
	if n.Kind != yaml.ScalarNode {
		r.fault(n, path, "a text is expected, not %s", kindOf(n))
		return ""
	}
	if strings.ContainsRune(n.Value, 0) {
		r.fault(n, path, "holds a NUL character")
		return ""
	}
	return n.Value
}

// need is text that must be there.
func (o *object) need(field string) string {
	s := strings.TrimSpace(o.text(field))
	if s == "" && !o.faulted(field) {
		n := o.values[field]
		if n == nil {
			n = o.node
		}
		o.r.fault(n, o.at(field), "is missing")
	}
	return s
}

// faulted reports whether field has been complained of already.
func (o *object) faulted(field string) bool {
	return slices.ContainsFunc(o.r.problems, func(p Problem) bool { return p.Field == o.at(field) })
}

// matching is text that, if there, must match; want says what in words.
func (o *object) matching(field string, re *regexp.Regexp, want string) string {
	s := o.text(field)
	if s != "" && !re.MatchString(s) {
		o.r.fault(o.values[field], o.at(field), "%s is expected", want)
	}
	return s
}

// oneOf is text that, if there, must be one of options.
func (o *object) oneOf(field string, options ...string) string {
	s := o.text(field)
	if s != "" && !slices.Contains(options, s) {
		o.r.fault(o.values[field], o.at(field), "one of %s is expected", strings.Join(options, ", "))
	}
	return s
}

// flag is true or false; absent is false.
func (o *object) flag(field string) bool {
	n := o.take(field)
	if n == nil {
		return false
	}
	var v bool
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(&v) != nil {
		o.r.fault(n, o.at(field), "true or false is expected")
	}
	return v
}

func (o *object) number(field string, low, high int) int {
	n := o.take(field)
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < low || v > high {
		o.r.fault(n, o.at(field), "a whole number from %d to %d is expected", low, high)
		return 0
	}
	return v
}

// duration is a time such as "500ms", "30m" or "2h".
func (o *object) duration(field string, high time.Duration) (time.Duration, bool) {
	n := o.take(field)
	if n == nil {
		return 0, false
	}
	v, err := time.ParseDuration(n.Value)
	if n.Value == "0" {
		v, err = 0, nil
	}
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 || v > high {
		o.r.fault(n, o.at(field), "a time such as 500ms, 30m or 2h is expected, at most %s", high)
		return 0, false
	}
	return v, true
}

// texts is a list of strings.
func (o *object) texts(field string) []string {
	var out []string
	o.each(field, func(n *yaml.Node, path string) {
		if s := strings.TrimSpace(o.r.scalar(n, path)); s != "" {
			out = append(out, s)
		} else if n.Kind == yaml.ScalarNode {
			o.r.fault(n, path, "is empty")
		}
	})
	return out
}

// each calls do for every item of a list.
func (o *object) each(field string, do func(n *yaml.Node, path string)) {
	n := o.take(field)
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		o.r.fault(n, o.at(field), "a list is expected, not %s", kindOf(n))
		return
	}
	for i, item := range n.Content {
		do(item, o.at(field)+"["+strconv.Itoa(i)+"]")
	}
}

// safe refuses aliases, which could make a small file endless, and depth.
func (r *reader) safe(n *yaml.Node, depth int) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.fault(n, "file", "anchors and aliases are not taken; write the value out")
		return false
	}
	if depth > maxNesting {
		r.fault(n, "file", "is %v", errTooDeep)
		return false
	}
	for _, c := range n.Content {
		if !r.safe(c, depth+1) {
			return false
		}
	}
	return true
}

func kindOf(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "an object"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	default:
		return "a single value"
	}
}
