package analytics

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"frontdesk/ingest"
)

// TestWireTypesAreThoseOfIngest: a field that is renamed there would be empty
// here, without an error.
func TestWireTypesAreThoseOfIngest(t *testing.T) {
	for _, pair := range [][2]any{
		{wireMessage{}, ingest.Message{}}, {wireParty{}, ingest.Party{}}, {wireContent{}, ingest.Content{}},
		{wireReceipt{}, ingest.Receipt{}}, {wireStatus{}, ingest.StatusChange{}}, {wireError{}, ingest.ProviderError{}},
	} {
		here, there := reflect.TypeOf(pair[0]), fieldsOf(reflect.TypeOf(pair[1]))
		for name, field := range fieldsOf(here) {
			original, ok := there[name]
			if !ok {
				t.Errorf("%s reads %q, which ingest does not write", here.Name(), name)
				continue
			}
			if local := strings.Contains(field.Type.String(), "analytics."); field.Name != original.Name || (!local && field.Type != original.Type) {
				t.Errorf("%s.%s is %s, in ingest %s %s", here.Name(), field.Name, field.Type, original.Name, original.Type)
			}
		}
	}
}

// fieldsOf returns typ's fields by their name in JSON.
func fieldsOf(typ reflect.Type) map[string]reflect.StructField {
	out := map[string]reflect.StructField{}
	for i := range typ.NumField() {
		name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		out[name] = typ.Field(i)
	}
	return out
}

func TestDecodeTakesWhatAProviderMayHaveWritten(t *testing.T) {
	e := ingest.Event{Type: ingest.MessageReceived, Data: []byte(`{"id":"msg_1","referral":{"a":1,"a":2,"s":"` + "\xff" + `"},"unknown":[[]]}`)}
	var m wireMessage
	if err := decode(e, &m); err != nil || m.ID != "msg_1" {
		t.Errorf("message %q, %v", m.ID, err)
	}
}

func TestDecodeErrorsTellNothing(t *testing.T) {
	for _, data := range []string{`{"id":"msg_1","at":"call +15550100987"}`, `{"id":15550100987}`, `{"id":"+15550100987`, `+15550100987`, ``, `null null`} {
		var m wireMessage
		err := decode(ingest.Event{Type: ingest.MessageReceived, Data: []byte(data)}, &m)
		if !errors.Is(err, ingest.ErrMalformed) || strings.Contains(err.Error(), "555") {
			t.Errorf("%q gives %v, want ErrMalformed without a word of it", data, err)
		}
	}
}
