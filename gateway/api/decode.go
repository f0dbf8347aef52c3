package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
)

// decode fills the pointer in from path, query and body, by its tags.
func decode(req *fasthttp.RequestCtx, in any, t reflect.Type) error {
	v := reflect.ValueOf(in).Elem()
	known := map[string]bool{"api_key": true}
	var problems []edge.FieldError
	fields(v, func(f reflect.StructField, fv reflect.Value) {
		if name := f.Tag.Get("path"); name != "" {
			fv.SetString(edge.Param(req, name))
		}
		if f.Tag.Get("request") == "effect" {
			fv.SetString(edge.Effect(req))
		}
		name := f.Tag.Get("query")
		if name == "" {
			return
		}
		known[name] = true
		if values := req.QueryArgs().PeekMulti(name); len(values) > 1 {
			problems = append(problems, edge.FieldError{Field: name, Message: "stands twice in the query"})
		} else if len(values) == 1 {
			if msg := setText(fv, string(values[0])); msg != "" {
				problems = append(problems, edge.FieldError{Field: name, Message: msg})
			}
		}
	})
	for key := range req.QueryArgs().All() {
		if !known[string(key)] {
			problems = append(problems, edge.FieldError{Field: string(key), Message: "unknown query parameter"})
			known[string(key)] = true
		}
	}
	if err := edge.Invalid(problems...); err != nil {
		return err
	}
	return decodeBody(req, in, t)
}

func decodeBody(req *fasthttp.RequestCtx, in any, t reflect.Type) error {
	if req.IsGet() || req.IsDelete() || req.IsHead() {
		return nil
	}
	if f, ok := in.(interface{ form() *upload }); ok {
		return decodeForm(req, f.form())
	}
	if f, ok := in.(tabular); ok && isTable(req) {
		return decodeTable(req, f.table())
	}
	if !needsBody(t) {
		body, err := edge.Body(req)
		if err != nil || len(body) == 0 {
			return err
		}
	}
	return edge.Decode(req, in)
}

// needsBody reports whether t has a field that a body must bear.
func needsBody(t reflect.Type) bool {
	need := false
	fields(reflect.New(t).Elem(), func(f reflect.StructField, _ reflect.Value) {
		need = need || (jsonName(f) != "" && f.Tag.Get("required") == "true")
	})
	return need
}

// fields calls do for each field of v, those of embedded structs too.
func fields(v reflect.Value, do func(reflect.StructField, reflect.Value)) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			fields(v.Field(i), do)
		case f.IsExported():
			do(f, v.Field(i))
		}
	}
}

// jsonName returns the name of f in a body, "" if it is not part of one.
func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" || f.Tag.Get("path") != "" || f.Tag.Get("query") != "" {
		return ""
	}
	if name == "" {
		return f.Name
	}
	return name
}

// setText sets a field from a query's text and returns what is wrong with it.
func setText(v reflect.Value, s string) string {
	if v.Type() == reflect.TypeFor[time.Time]() {
		t, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return "a time such as 2026-11-21T09:30:00Z is expected"
		}
		v.Set(reflect.ValueOf(t.UTC()))
		return ""
	}
	switch v.Kind() {
	case reflect.String:
		if s == "" {
			return "is empty"
		}
		v.SetString(s)
	case reflect.Int:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n == 0 {
			return "a whole number above 0 is expected"
		}
		v.SetInt(n)
	case reflect.Bool:
		if s != "true" && s != "false" {
			return "true or false is expected"
		}
		v.SetBool(s == "true")
	default:
		return "cannot be given in a query"
	}
	return ""
}

// check reports every rule of its tags that v breaks. at leads the fields'
// names.
func check(v reflect.Value, at string) []edge.FieldError {
	var out []edge.FieldError
	fields(v, func(f reflect.StructField, fv reflect.Value) {
		name := f.Tag.Get("query")
		if name == "" {
			name = jsonName(f)
		}
		if name == "" {
			name = f.Tag.Get("path")
		}
		if at != "" {
			name = at + "." + name
		}
		out = append(out, checkField(f.Tag, fv, name)...)
	})
	return out
}

func checkField(tag reflect.StructTag, v reflect.Value, name string) []edge.FieldError {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return required(tag, name, true)
		}
		if v = v.Elem(); v.Kind() == reflect.String && v.String() == "" && tag.Get("enum") != "" {
			return []edge.FieldError{{Field: name, Message: "is empty; " + oneOf(tag)}}
		}
	}
	switch v.Kind() {
	case reflect.String:
		return checkText(tag, v.String(), name)
	case reflect.Int, reflect.Int64:
		return checkNumber(tag, float64(v.Int()), name)
	case reflect.Float64:
		return checkNumber(tag, v.Float(), name)
	case reflect.Slice:
		return checkList(tag, v, name)
	case reflect.Map:
		return checkMap(v, name)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return required(tag, name, v.IsZero())
		}
		return check(v, name)
	}
	return nil
}

func required(tag reflect.StructTag, name string, absent bool) []edge.FieldError {
	if absent && tag.Get("required") == "true" {
		return []edge.FieldError{{Field: name, Message: "is missing"}}
	}
	return nil
}

func checkText(tag reflect.StructTag, s, name string) []edge.FieldError {
	fault := func(format string, args ...any) []edge.FieldError {
		return []edge.FieldError{{Field: name, Message: fmt.Sprintf(format, args...)}}
	}
	if s == "" {
		return required(tag, name, true)
	}
	if strings.ContainsRune(s, 0) {
		return fault("holds a NUL character")
	}
	if tag.Get("required") == "true" && strings.TrimSpace(s) == "" {
		return fault("is blank")
	}
	if options := tag.Get("enum"); options != "" && !slices.Contains(strings.Split(options, ","), s) {
		return fault("%s", oneOf(tag))
	}
	if high, err := strconv.Atoi(tag.Get("maxLength")); err == nil && len([]rune(s)) > high {
		return fault("has more than %d characters", high)
	}
	return nil
}

func oneOf(tag reflect.StructTag) string {
	return "one of " + strings.ReplaceAll(tag.Get("enum"), ",", ", ") + " is expected"
}

func checkNumber(tag reflect.StructTag, n float64, name string) []edge.FieldError {
	if n == 0 && tag.Get("zero") != "true" {
		return required(tag, name, true)
	}
	low, errLow := strconv.ParseFloat(tag.Get("min"), 64)
	high, errHigh := strconv.ParseFloat(tag.Get("max"), 64)
	if (errLow == nil && n < low) || (errHigh == nil && n > high) {
		return []edge.FieldError{{Field: name, Message: fmt.Sprintf("a number from %s to %s is expected", tag.Get("min"), tag.Get("max"))}}
	}
	return nil
}

func checkList(tag reflect.StructTag, v reflect.Value, name string) []edge.FieldError {
	if v.Type().Elem().Kind() == reflect.Uint8 { // raw JSON
		if escapesNUL(v.Bytes()) {
			return []edge.FieldError{{Field: name, Message: "holds a NUL character"}}
		}
		return nil
	}
	if v.Len() == 0 {
		return required(tag, name, true)
	}
	if high, err := strconv.Atoi(tag.Get("max")); err == nil && v.Len() > high {
		return []edge.FieldError{{Field: name, Message: fmt.Sprintf("has more than %d entries", high)}}
	}
	var out []edge.FieldError
	for i := range v.Len() {
		out = append(out, checkField(reflect.StructTag(itemTag(tag)), v.Index(i), name+"["+strconv.Itoa(i)+"]")...)
	}
	return out
}

// checkMap looks for what no name and no value may hold.
func checkMap(v reflect.Value, name string) []edge.FieldError {
	for it := v.MapRange(); it.Next(); {
		bad := it.Key().Kind() == reflect.String && strings.ContainsRune(it.Key().String(), 0)
		switch value := it.Value().Interface().(type) {
		case json.RawMessage:
			bad = bad || escapesNUL(value)
		case []string:
			bad = bad || slices.ContainsFunc(value, func(s string) bool { return strings.ContainsRune(s, 0) })
		}
		if bad {
			return []edge.FieldError{{Field: name, Message: "holds a NUL character"}}
		}
	}
	return nil
}

// escapesNUL reports whether a string in b, which is JSON, holds a NUL: the
// database can store such JSON, but not look into it.
func escapesNUL(b []byte) bool {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(b[i+1:], []byte("u0000")) {
			return true
		}
		i++
	}
	return false
}

// itemTag is the part of a list's tag that its items keep: each must be there
// and be one of the options.
func itemTag(tag reflect.StructTag) string {
	out := `required:"true"`
	for _, key := range []string{"enum", "maxLength"} {
		if v := tag.Get(key); v != "" {
			out += " " + key + ":" + strconv.Quote(v)
		}
	}
	return out
}
