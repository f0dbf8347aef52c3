package edge

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/valyala/fasthttp"
)

// MaxDepth is how deep JSON may be nested.
const MaxDepth = 64

// Body reads the request's body, at most as much as the route allows; more is
// a fault 413. The bytes are the caller's to keep. A second call returns the
// same body. Where large bodies take all the room that they have, it is a fault
// 503 after a moment.
func Body(req *fasthttp.RequestCtx) ([]byte, error) {
	if b, ok := req.UserValue(bodyKey).([]byte); ok {
		return b, nil
	}
	limit, _ := req.UserValue(limitKey).(int)
	if limit <= 0 {
		limit = DefaultConfig().MaxBodyBytes
	}
	if p, ok := req.UserValue(placeKey).(*place); ok {
		if err := p.enter(req, limit); err != nil {
			return nil, err
		}
	}
	b, err := ReadBody(req, limit)
	if err != nil {
		return nil, err
	}
	req.SetUserValue(bodyKey, b)
	return b, nil
}

// ReadBody reads at most limit bytes of body; more is a fault 413. It is for
// handlers that know their own bound; it reads the stream, so only once.
func ReadBody(req *fasthttp.RequestCtx, limit int) ([]byte, error) {
	return AppendBody(nil, req, limit)
}

// AppendBody is [ReadBody] into the memory of buf, which must be empty.
func AppendBody(buf []byte, req *fasthttp.RequestCtx, limit int) ([]byte, error) {
	if req.Request.Header.ContentLength() > limit {
		return nil, tooLarge(limit)
	}
	stream := req.RequestBodyStream()
	if stream == nil {
		b := req.Request.Body()
		if len(b) > limit {
			return nil, tooLarge(limit)
		}
		return append(buf, b...), nil
	}
	b, err := appendAll(slices.Grow(buf, bodyGuess(req)), stream, limit+1)
	if err != nil { // nobody knows where the next request begins
		req.SetConnectionClose()
	}
	var netErr net.Error
	switch {
	case errors.As(err, &netErr) && netErr.Timeout():
		return nil, faultTimeout
	case err != nil:
		return nil, faultFraming
	case len(b) > limit:
		return nil, tooLarge(limit)
	case req.Request.Header.ContentLength() > len(b):
		return nil, faultFraming // the connection ended before the body did
	}
	req.SetUserValue(drainedKey, true)
	return b, nil
}

// bodyGuess is how much memory to begin with: what the header declares, but no
// more than is read ahead anyway.
func bodyGuess(req *fasthttp.RequestCtx) int {
	return min(max(req.Request.Header.ContentLength(), 0), 8<<10) + 1
}

// appendAll reads r to its end, but no more than limit bytes.
func appendAll(b []byte, r io.Reader, limit int) ([]byte, error) {
	for len(b) < limit {
		if len(b) == cap(b) {
			b = slices.Grow(b, len(b))
		}
		n, err := r.Read(b[len(b):min(cap(b), limit)])
		if b = b[:len(b)+n]; err == io.EOF {
			break
		}
		if err != nil {
			return b, err
		}
	}
	return b, nil
}

func tooLarge(limit int) *Fault {
	return &Fault{
		Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Refused: true,
		Detail: "the body may have at most " + strconv.Itoa(limit) + " bytes",
	}
}

// Decode reads the request's JSON body into v, a pointer to a struct. It
// refuses, with the name of the field: unknown fields, duplicate names,
// invalid UTF-8, wrong types, and anything after the value.
func Decode(req *fasthttp.RequestCtx, v any) error {
	if err := wantJSON(req); err != nil {
		return err
	}
	body, err := Body(req)
	if err != nil {
		return err
	}
	return DecodeBytes(body, v)
}

func wantJSON(req *fasthttp.RequestCtx) error {
	if coding := string(req.Request.Header.ContentEncoding()); coding != "" && !strings.EqualFold(coding, "identity") {
		return &Fault{
			Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Refused: true,
			Detail: "send the body as it is, without a Content-Encoding",
		}
	}
	ct := string(req.Request.Header.ContentType())
	if ct == "" {
		return nil
	}
	typ, params, err := mime.ParseMediaType(ct)
	charset := strings.ToLower(params["charset"])
	if err == nil && (typ == contentTypeJSON || strings.HasSuffix(typ, "+json")) && (charset == "" || charset == "utf-8") {
		return nil
	}
	return &Fault{
		Status: http.StatusUnsupportedMediaType, Code: "unsupported_media_type", Refused: true,
		Detail: "send the body as application/json",
	}
}

// DecodeBytes is [Decode] for a body that has been read already.
func DecodeBytes(body []byte, v any) error {
	if len(body) == 0 {
		return Invalid(FieldError{Field: "", Message: "the body is empty; a JSON object is expected"})
	}
	if bytes.HasPrefix(body, []byte("\ufeff")) {
		return Invalid(FieldError{Field: "", Message: "the body begins with a byte order mark; send UTF-8 without one"})
	}
	if string(bytes.TrimSpace(body)) == "null" {
		return Invalid(FieldError{Field: "", Message: "an object is expected, not null"})
	}
	if depth(body) > MaxDepth {
		return Invalid(FieldError{Field: "", Message: "the body is nested deeper than " + strconv.Itoa(MaxDepth) + " levels"})
	}
	if err := json.Unmarshal(body, v, json.RejectUnknownMembers(true)); err != nil {
		return Invalid(describe(err))
	}
	return nil
}

// depth returns how deep b is nested, counting brackets outside of strings.
func depth(b []byte) int {
	level, deepest, quoted := 0, 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			level++
			deepest = max(deepest, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return deepest
}

func describe(err error) FieldError {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		field := fieldPath(semantic.JSONPointer)
		if errors.Is(err, json.ErrUnknownName) {
			return FieldError{Field: field, Message: "unknown field"}
		}
		return FieldError{Field: field, Message: wanted(semantic)}
	}
	var syntactic *jsontext.SyntacticError
	if !errors.As(err, &syntactic) {
		return FieldError{Field: "", Message: "the body is not valid JSON"}
	}
	field := fieldPath(syntactic.JSONPointer)
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return FieldError{Field: field, Message: "this name occurs twice in its object"}
	}
	return FieldError{Field: field, Message: fmt.Sprintf("not valid JSON at byte %d", syntactic.ByteOffset)}
}

// wanted says what the Go type of a field expects, in JSON's words.
func wanted(e *json.SemanticError) string {
	if e.GoType == nil {
		return "this value is not allowed here"
	}
	name := kindName(e.GoType)
	if e.JSONKind == 0 || name == "" {
		return "this value is not allowed here"
	}
	got := map[jsontext.Kind]string{'n': "null", 'f': "false", 't': "true", '"': "a string", '0': "a number", '{': "an object", '[': "an array"}[e.JSONKind]
	if got == name {
		return "this value is out of range or in the wrong form"
	}
	return name + " is expected, not " + got
}

func kindName(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	default:
		return ""
	}
}

// fieldPath writes a JSON pointer as people do: /media/0/url is media[0].url.
func fieldPath(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		if _, err := strconv.ParseUint(token, 10, 32); err == nil && b.Len() > 0 {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return b.String()
}
