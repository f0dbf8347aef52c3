package api

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// object is a JSON object of the OpenAPI document.
type object = map[string]any

// schemas makes JSON Schemas of tagged types and gathers the named ones.
type schemas struct {
	named    object
	types    map[string]reflect.Type // by name, so that no two have one
	answers  object                  // shared responses by name
	examples map[string]Example
}

// of returns the schema of t. Inputs require what is tagged so, outputs all
// but what may be left out; both are closed.
func (s schemas) of(t reflect.Type, input bool) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return object{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return object{}
	case t == reflect.TypeFor[upload]():
		return object{"type": "string", "format": "binary"}
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem(), input)}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem(), input)}
	case reflect.Struct:
		return s.ref(t, input)
	default:
		return object{}
	}
}

func (s schemas) ref(t reflect.Type, input bool) object {
	name := schemaName(t, input)
	for other := s.types[name]; other != nil && other != t; other = s.types[name] {
		name += "2"
	}
	s.types[name] = t
	if _, known := s.named[name]; !known {
		s.named[name] = object{} // stands in, should t hold itself
		s.named[name] = s.structure(t, input)
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// schemaName is the type's name as a reader of the document likes it.
func schemaName(t reflect.Type, input bool) string {
	name := strings.TrimSuffix(t.Name(), "Response")
	name = strings.ToUpper(name[:1]) + name[1:]
	if !strings.HasPrefix(t.PkgPath(), "frontdesk/gateway/") {
		name = "Event" + name // of the log: what webhooks tell
	}
	if input && !strings.HasSuffix(name, "Request") && !strings.HasSuffix(name, "Input") {
		name += "Input"
	}
	return name
}

func (s schemas) structure(t reflect.Type, input bool) object {
	properties, required := object{}, []string{}
	fields(reflect.New(t).Elem(), func(f reflect.StructField, _ reflect.Value) {
		name := jsonName(f)
		if name == "" {
			return
		}
		properties[name] = s.field(f, input)
		if input && f.Tag.Get("required") != "true" {
			properties[name] = orNothing(f, properties[name].(object))
		}
		optional := strings.Contains(f.Tag.Get("json"), ",omit")
		if (input && f.Tag.Get("required") == "true") || (!input && !optional) {
			required = append(required, name)
		}
	})
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// orNothing lets an optional field of a body be null, and a choice that is no
// pointer be empty: both are as if it was left out.
func orNothing(f reflect.StructField, schema object) object {
	switch typ := schema["type"].(type) {
	case string:
		schema["type"] = []string{typ, "null"}
	case nil:
		if ref := schema["$ref"]; ref != nil {
			out := object{"anyOf": []object{{"$ref": ref}, {"type": "null"}}}
			for _, kept := range []string{"description", "examples"} {
				if v, ok := schema[kept]; ok {
					out[kept] = v
				}
			}
			return out
		}
	}
	if options, ok := schema["enum"].([]string); ok {
		all := []any{}
		for _, o := range options {
			all = append(all, o)
		}
		if f.Type.Kind() == reflect.String {
			all = append(all, "")
		}
		schema["enum"] = append(all, nil)
	}
	return schema
}

// field is the schema of a field with what its tags say.
func (s schemas) field(f reflect.StructField, input bool) object {
	schema := s.of(f.Type, input)
	inner := schema // a rule on a list of texts is a rule on each
	if items, ok := schema["items"].(object); ok && items["type"] != nil {
		inner = items
	}
	if options := f.Tag.Get("enum"); options != "" {
		inner["enum"] = strings.Split(options, ",")
	}
	if n, err := strconv.Atoi(f.Tag.Get("maxLength")); err == nil {
		inner["maxLength"] = n
	}
	if format := f.Tag.Get("format"); format != "" {
		inner["format"] = format
	}
	for tag, keyword := range map[string]string{"min": "minimum", "max": "maximum"} {
		n, err := strconv.ParseFloat(f.Tag.Get(tag), 64)
		switch {
		case err != nil:
		case kindOf(f.Type) == reflect.Slice && tag == "max":
			schema["maxItems"] = int(n)
		default:
			schema[keyword] = n
		}
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		schema["description"] = doc
	}
	if example := f.Tag.Get("example"); example != "" {
		schema["examples"] = []any{exampleOf(schema["type"], example)}
	}
	return schema
}

// kindOf returns the kind of t, or of what it points to.
func kindOf(t reflect.Type) reflect.Kind {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind()
}

// instead is what a refusal offers in place of what was asked for.
func (s schemas) instead() object {
	schema := s.of(reflect.TypeFor[alternativeResponse](), false)
	return object{"description": "What would be taken in its place.", "allOf": []object{schema}}
}

func exampleOf(typ any, s string) any {
	switch typ {
	case "integer", "number":
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			return n
		}
	case "boolean":
		return s == "true"
	case "array":
		return []string{s}
	}
	return s
}
