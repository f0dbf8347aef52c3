package api

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"frontdesk/gateway/operation"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// TestEventsAreAsDescribed fills the data of each event and holds what a
// webhook is sent of it against the document.
func TestEventsAreAsDescribed(t *testing.T) {
	t.Parallel()
	raw, err := Document(Routes(operation.New(operation.Parts{})))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Webhooks) != len(webhook.Types) {
		t.Errorf("%d webhooks are described, there are %d", len(doc.Webhooks), len(webhook.Types))
	}
	for _, typ := range webhook.Types {
		item := doc.Webhooks[typ.Name]
		if item == nil || item.Post == nil || len(item.Post.Parameters) != 3 {
			t.Errorf("%s is not described with its three headers", typ.Name)
			continue
		}
		_, body, ok := webhook.Standard{}.Compose(webhook.Notice{ID: "evt_1", Type: typ.Name, At: time.Now(), Data: dataOf(t, typ.Name)})
		var v any
		if err := json.Unmarshal(body, &v); err != nil || !ok {
			t.Fatal(err)
		}
		if err := item.Post.RequestBody.Value.Content["application/json"].Schema.Value.VisitJSON(v, openapi3.EnableJSONSchema2020()); err != nil {
			t.Errorf("%s: %v\n%s", typ.Name, err, body)
		}
	}
}

// dataOf is the data of an event, all of its fields filled, as webhooks tell it.
func dataOf(t *testing.T, name string) json.RawMessage {
	t.Helper()
	family, _, _ := strings.Cut(name, ".")
	typ, known := eventData[name]
	if !known {
		typ, known = eventData[family]
	}
	if !known {
		return json.RawMessage(`{"anything":1}`)
	}
	v := reflect.New(typ).Elem()
	fill(v)
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		t.Fatal(err)
	}
	var data map[string]any
	if err := json.Unmarshal(raw, &data); err != nil {
		t.Fatal(err)
	}
	for _, field := range untold {
		delete(data, field)
	}
	data["truncated"] = true
	if raw, err = json.Marshal(data); err != nil {
		t.Fatal(err)
	}
	return raw
}

// fill gives every field of v a value.
func fill(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Now().UTC()))
		return
	case v.Type() == reflect.TypeFor[json.RawMessage]():
		v.Set(reflect.ValueOf(json.RawMessage(`{"a":1}`)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("inbound")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() || f.Anonymous {
				fill(v.Field(i))
			}
			if options := f.Tag.Get("enum"); options != "" && f.Type.Kind() == reflect.String {
				first, _, _ := strings.Cut(options, ",")
				v.Field(i).SetString(first)
			}
		}
	}
}

// TestEveryEventHasAType reads which events there are where they are declared.
func TestEveryEventHasAType(t *testing.T) {
	t.Parallel()
	source, err := sources("../../ingest/*.go")
	if err != nil {
		t.Fatal(err)
	}
	inside := []ingest.EventType{ingest.PreferenceChanged, ingest.ReceiptReceived, ingest.MessageQueued, ingest.MessageStatus}
	found := 0
	for _, m := range regexp.MustCompile(`EventType = "([a-z_.]+)"`).FindAllSubmatch(source, -1) {
		found++
		name := ingest.EventType(m[1])
		told := slices.ContainsFunc(webhook.Types, func(typ webhook.Type) bool { return typ.Name == string(name) })
		if told == slices.Contains(inside, name) {
			t.Errorf("%s: among webhook.Types: %v; name it there, or here as no developer's business", name, told)
		}
	}
	if found < 15 {
		t.Errorf("%d events were found", found)
	}
}

// sources are the files of a pattern, one behind the other.
func sources(pattern string) ([]byte, error) {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, name := range names {
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, source...)
	}
	return out, nil
}
