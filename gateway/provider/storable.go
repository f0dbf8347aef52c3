package provider

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// replacement stands for what no store of ours can hold: half a surrogate
// pair, a byte that is no UTF-8, the NUL character.
const replacement = "\uFFFD"

// StorableText returns s with U+FFFD for NUL and for bytes that are no UTF-8,
// neither of which Postgres takes. All else stays as it is.
func StorableText(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", replacement)
	}
	return strings.ToValidUTF8(s, replacement)
}

// StorableJSON returns body with U+FFFD for NUL, for halves of surrogate pairs
// and for bytes that are no UTF-8, all of which a provider may legally send or
// does send (a name cut in the middle of an emoji). Everything else, faults of
// syntax too, stays byte for byte.
func StorableJSON(body []byte) []byte {
	out := make([]byte, 0, len(body)+16)
	for i := 0; i < len(body); {
		switch c := body[i]; {
		case c == '\\':
			var n int
			out, n = appendEscape(out, body[i:])
			i += n
		case c < utf8.RuneSelf:
			out, i = append(out, c), i+1
		default:
			r, n := utf8.DecodeRune(body[i:])
			out, i = utf8.AppendRune(out, r), i+n // RuneError is U+FFFD itself
		}
	}
	return out
}

// appendEscape appends the escape that s begins with and returns its length.
func appendEscape(out, s []byte) ([]byte, int) {
	unit, ok := unicodeEscape(s)
	switch {
	case !ok:
		n := min(2, len(s))
		if n == 2 && s[1] >= utf8.RuneSelf {
			n = 1
		}
		return append(out, s[:n]...), n
	case unit == 0, unit >= 0xDC00 && unit < 0xE000:
		return append(out, `\ufffd`...), 6
	case unit < 0xD800 || unit >= 0xE000:
		return append(out, s[:6]...), 6
	}
	if low, ok := unicodeEscape(s[6:]); ok && low >= 0xDC00 && low < 0xE000 {
		return append(out, s[:12]...), 12
	}
	return append(out, `\ufffd`...), 6
}

// unicodeEscape returns the code unit of the \uXXXX that s begins with.
func unicodeEscape(s []byte) (uint16, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var unit uint16
	for _, c := range s[2:6] {
		unit <<= 4
		switch {
		case '0' <= c && c <= '9':
			unit |= uint16(c - '0')
		case 'a' <= c && c <= 'f':
			unit |= uint16(c - 'a' + 10)
		case 'A' <= c && c <= 'F':
			unit |= uint16(c - 'A' + 10)
		default:
			return 0, false
		}
	}
	return unit, true
}

// Bounds of a value that is carried as it is. Far below what our own decoders
// and Postgres's jsonb take, far above what a provider sends.
const (
	maxDepth    = 64
	maxNumber   = 300 // characters of one number
	maxExponent = 300
)

// Carry returns valid JSON as it is carried in an event: a copy, or, where its
// depth or a number in it would stop a reader further on, a JSON string that
// holds the same characters. Empty and null become nil.
func Carry(raw []byte) json.RawMessage {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	if carriable(raw) {
		return bytes.Clone(raw)
	}
	quoted, err := json.Marshal(StorableText(string(raw)))
	if err != nil {
		return nil // never: a string can always be written
	}
	return quoted
}

func carriable(raw []byte) bool {
	depth := 0
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			i += stringLen(raw[i:])
			continue
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		case c == '-' || ('0' <= c && c <= '9'):
			n := numberLen(raw[i:])
			if !modest(raw[i : i+n]) {
				return false
			}
			i += n
			continue
		}
		i++
	}
	return true
}

// stringLen returns the length of the JSON string that s begins with.
func stringLen(s []byte) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

func numberLen(s []byte) int {
	n := 0
	for n < len(s) && strings.IndexByte("+-.eE0123456789", s[n]) >= 0 {
		n++
	}
	return n
}

func modest(number []byte) bool {
	if len(number) > maxNumber {
		return false
	}
	_, exponent, found := bytes.Cut(bytes.ToLower(number), []byte("e"))
	if !found {
		return true
	}
	exponent = bytes.TrimLeft(bytes.TrimLeft(exponent, "+-"), "0")
	if len(exponent) > 3 {
		return false
	}
	value := 0
	for _, c := range exponent {
		value = value*10 + int(c-'0')
	}
	return value <= maxExponent
}

// CarryText returns the JSON document that s holds as [Carry] does, or s as a
// JSON string where it holds none. The empty string becomes nil.
func CarryText(s string) json.RawMessage {
	if fixed := StorableJSON([]byte(s)); json.Valid(fixed) {
		return Carry(fixed)
	}
	if s == "" {
		return nil
	}
	quoted, err := json.Marshal(StorableText(s))
	if err != nil {
		return nil // never: a string can always be written
	}
	return quoted
}
