package ingest

import (
	"bytes"
	"strconv"
	"strings"
)

// quickEvent reads an envelope that is written as [AppendEvent] writes it, at a
// fraction of what encoding/json takes. It reports false for any other, be it
// well formed or not, which is then read by encoding/json. All before the data
// becomes one string that the fields are parts of; the data stays where it is.
func quickEvent(b []byte) (Event, bool) {
	before, _, ok := bytes.Cut(b, dataField) // in a string its quotes would have backslashes
	if !ok {
		return Event{}, false
	}
	var e Event
	s := scanner{rest: string(before)}
	s.literal(`{"v":`)
	version, err := strconv.Atoi(s.until(`,`))
	e.Version = version
	e.ID = s.field(`"id":"`)
	e.Type = EventType(s.field(`,"type":"`))
	e.Tenant = TenantID(s.field(`,"tenant_id":"`))
	wrong := e.OccurredAt.UnmarshalText([]byte(s.field(`,"occurred_at":"`)))
	e.Key = s.field(`,"conversation_key":"`)
	if strings.HasPrefix(s.rest, `,"trace":"`) {
		e.Trace = s.field(`,"trace":"`)
	}
	if s.bad || s.rest != "" || err != nil || wrong != nil {
		return Event{}, false
	}
	start := len(before) + len(dataField)
	end, ok := skipValue(b, start, 0)
	if !ok || string(b[end:]) != "}" {
		return Event{}, false
	}
	e.Data = b[start:end:end]
	return e, true
}

// dataField is what the data comes behind.
var dataField = []byte(`,"data":`)

// scanner takes what is expected off the front of rest.
type scanner struct {
	rest string
	bad  bool
}

func (s *scanner) literal(want string) {
	rest, ok := strings.CutPrefix(s.rest, want)
	if s.bad = s.bad || !ok; !s.bad {
		s.rest = rest
	}
}

// until returns what comes before end, and passes over end.
func (s *scanner) until(end string) string {
	value, rest, ok := strings.Cut(s.rest, end)
	if s.bad = s.bad || !ok; s.bad {
		return ""
	}
	s.rest = rest
	return value
}

// field returns a string that needs no unquoting.
func (s *scanner) field(name string) string {
	s.literal(name)
	value := s.until(`"`)
	for i := range len(value) {
		if c := value[i]; c < 0x20 || c >= 0x7f || c == '\\' {
			s.bad = true
		}
	}
	return value
}

// deepest is how far values may lie in one another, as in encoding/json.
const deepest = 10_000

// skipValue returns where the JSON value that begins at i ends. It reports false
// where there is none, and for white space, which nothing here writes.
func skipValue(b []byte, i, depth int) (int, bool) {
	if i >= len(b) || depth > deepest {
		return i, false
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i+1)
	case c == '{' || c == '[':
		return skipItems(b, i, depth)
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(b, i)
	}
	for _, word := range [...]string{"null", "true", "false"} {
		if len(b)-i >= len(word) && string(b[i:i+len(word)]) == word {
			return i + len(word), true
		}
	}
	return i, false
}

// skipItems passes over an object or an array that begins at i.
func skipItems(b []byte, i, depth int) (int, bool) {
	object, end := b[i] == '{', b[i]+2 // ASCII has both ends two after their beginnings
	if i++; i < len(b) && b[i] == end {
		return i + 1, true
	}
	for i < len(b) {
		ok := true
		if object {
			if b[i] != '"' {
				return i, false
			}
			if i, ok = skipString(b, i+1); !ok || i >= len(b) || b[i] != ':' {
				return i, false
			}
			i++
		}
		if i, ok = skipValue(b, i, depth+1); !ok || i >= len(b) {
			return i, false
		}
		if b[i] == end {
			return i + 1, true
		}
		if b[i] != ',' {
			return i, false
		}
		i++
	}
	return i, false
}

// skipString passes over a string whose quote lies before i.
func skipString(b []byte, i int) (int, bool) {
	for i < len(b) {
		switch c := b[i]; {
		case c == '"':
			return i + 1, true
		case c < 0x20:
			return i, false
		case c != '\\':
			i++
		case i+1 < len(b) && bytes.IndexByte([]byte(`"\/bfnrt`), b[i+1]) >= 0:
			i += 2
		case i+5 < len(b) && b[i+1] == 'u' && isHex(b[i+2]) && isHex(b[i+3]) && isHex(b[i+4]) && isHex(b[i+5]):
			i += 6
		default:
			return i, false
		}
	}
	return i, false
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// skipNumber passes over a number that begins at i.
func skipNumber(b []byte, i int) (int, bool) {
	if b[i] == '-' {
		i++
	}
	whole := skipDigits(b, i)
	if whole == i || whole-i > 1 && b[i] == '0' {
		return i, false
	}
	i = whole
	if i < len(b) && b[i] == '.' {
		part := skipDigits(b, i+1)
		if part == i+1 {
			return i, false
		}
		i = part
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		end := skipDigits(b, i)
		return end, end > i
	}
	return i, true
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}
