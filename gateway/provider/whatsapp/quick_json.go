package whatsapp

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxMembers is how many members an object that is read here may have.
const maxMembers = 16

// object calls take with the name of each member; take reads the value. No
// name may occur twice.
func (q *quick) object(take func(name string)) {
	var seen [maxMembers]string
	q.must('{')
	if q.next('}') {
		return
	}
	for n := 0; !q.failed; n++ {
		name := q.text()
		if q.must(':'); q.failed || n == maxMembers || slices.Contains(seen[:n], name) {
			q.failed = true
			return
		}
		seen[n] = name
		take(name)
		if !q.next(',') {
			q.must('}')
			return
		}
	}
}

// array calls take for each element, which it reads.
func (q *quick) array(take func()) {
	q.must('[')
	if q.next(']') {
		return
	}
	for !q.failed {
		take()
		if !q.next(',') {
			q.must(']')
			return
		}
	}
}

func (q *quick) space() {
	for q.at < len(q.s) {
		switch q.s[q.at] {
		case ' ', '\t', '\n', '\r':
			q.at++
		default:
			return
		}
	}
}

// next reads c if it comes next.
func (q *quick) next(c byte) bool {
	if q.space(); q.at < len(q.s) && q.s[q.at] == c {
		q.at++
		return true
	}
	return false
}

func (q *quick) must(c byte) { q.failed = !q.next(c) || q.failed }

func (q *quick) scalar() scalar { return scalar(q.text()) }

func (q *quick) truth() bool {
	q.space()
	for _, word := range [...]string{"true", "false"} {
		if strings.HasPrefix(q.s[q.at:], word) {
			q.at += len(word)
			return word == "true"
		}
	}
	q.failed = true
	return false
}

// text reads a string, which may be any that is valid and without NUL.
func (q *quick) text() string {
	if q.must('"'); q.failed {
		return ""
	}
	start, beyond := q.at, false
	for ; q.at < len(q.s); q.at++ {
		switch c := q.s[q.at]; {
		case c == '"':
			s := q.s[start:q.at]
			q.at++
			q.failed = beyond && !utf8.ValidString(s)
			return s
		case c == '\\':
			return q.escaped(start)
		case c < 0x20:
			q.failed = true
			return ""
		case c >= utf8.RuneSelf:
			beyond = true
		}
	}
	q.failed = true
	return ""
}

// escaped reads a string that begins at start and has an escape at q.at.
func (q *quick) escaped(start int) string {
	for ; q.at < len(q.s) && q.s[q.at] != '"'; q.at++ {
		if q.s[q.at] == '\\' {
			q.at++
		}
	}
	if q.at >= len(q.s) {
		q.failed = true
		return ""
	}
	q.at++
	raw := q.s[start-1 : q.at]
	plain, err := jsontext.AppendUnquote(nil, raw)
	q.failed = err != nil || strings.Contains(raw, string(nul))
	return string(plain)
}
