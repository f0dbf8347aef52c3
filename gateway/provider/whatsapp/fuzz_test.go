package whatsapp

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/gateway/provider"
)

// FuzzParse: no body panics, every JSON body is taken, what is read in one
// pass is read the same level by level, and all of it can be written.
func FuzzParse(f *testing.F) {
	for _, body := range samples(f) {
		f.Add(body)
	}
	f.Add([]byte(withMessages(before, `{"id":"x","type":"text","text":{"body":"\ud83d"}}`, after)))
	f.Fuzz(func(t *testing.T, body []byte) {
		updates, err := Parse(body)
		if err != nil && !errors.Is(err, provider.ErrMalformed) {
			t.Fatalf("another error: %v", err)
		}
		if json.Valid(body) && err != nil {
			t.Fatalf("JSON was refused: %v", err)
		}
		if strict, ok := parseStrict(body); ok {
			lenient, err := parseLenient(body)
			if diff := cmp.Diff(strict, lenient); err != nil || (len(strict)+len(lenient) > 0 && diff != "") {
				t.Fatalf("the two readings differ (-strict +lenient): %v\n%s", err, diff)
			}
		}
		readable(t, updates)
	})
}
