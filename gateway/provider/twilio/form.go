package twilio

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"frontdesk/gateway/provider"
)

// Form is the parameters of a callback in the order of the body, decoded.
type Form []Param

// Param is one parameter.
type Param struct{ Name, Value string }

// maxParams bounds a form; Twilio sends some thirty parameters.
const maxParams = 1000

// ParseForm decodes an application/x-www-form-urlencoded body. An escape that
// is none stays as it is, since it must be looked at by the signature check
// like everything else. It errs, with [provider.ErrMalformed], only on a body
// of a thousand parameters or more.
func ParseForm(body []byte) (Form, error) {
	n := strings.Count(string(body), "&") + 1
	if n >= maxParams {
		return nil, fmt.Errorf("%w: a form of %d parameters", provider.ErrMalformed, n)
	}
	form := make(Form, 0, n)
	for part := range strings.SplitSeq(string(body), "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		form = append(form, Param{unescape(name), unescape(value)})
	}
	return form, nil
}

// Get returns the first value of name.
func (f Form) Get(name string) string {
	for _, p := range f {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// raw returns the form as a JSON object; of a name that comes twice, the first
// value.
func (f Form) raw(keep func(name string) bool) json.RawMessage {
	fields := map[string]string{}
	for _, p := range slices.Backward(f) {
		if keep(p.Name) {
			fields[provider.StorableText(p.Name)] = provider.StorableText(p.Value)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	b, err := json.Marshal(fields)
	if err != nil {
		return nil // never: strings can always be written
	}
	return b
}

func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, '+') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			out = append(out, ' ')
		case c == '%' && i+2 < len(s) && hexDigit(s[i+1]) >= 0 && hexDigit(s[i+2]) >= 0:
			out = append(out, byte(hexDigit(s[i+1])<<4|hexDigit(s[i+2])))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c - 'a' + 10)
	case 'A' <= c && c <= 'F':
		return int(c - 'A' + 10)
	}
	return -1
}
