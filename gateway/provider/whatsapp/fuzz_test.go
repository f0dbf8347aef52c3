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
	for _, s := range []string{`\n\u00e9\ud83d\ude00\/`, `\ud83d`, `\u0000`, "\x01", "\xff", `\x`, `\`} {
		f.Add([]byte(withMessages(before, `{"id":"x","from":"1","type":"text","text":{"body":"`+s+`"}}`)))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		updates, err := Parse(body)
		if err != nil && !errors.Is(err, provider.ErrMalformed) {
			t.Fatalf("another error: %v", err)
		}
		if json.Valid(body) && err != nil {
			t.Fatalf("JSON was refused: %v", err)
		}
		strict, ok := parseStrict(body)
		if quick, read := parseQuick(body); read {
			if diff := cmp.Diff(strict, quick); !ok || diff != "" {
				t.Fatalf("the quick reading differs (-strict +quick), refused by the strict: %v\n%s", !ok, diff)
			}
		}
		if ok {
			lenient, err := parseLenient(body)
			if diff := cmp.Diff(strict, lenient); err != nil || (len(strict)+len(lenient) > 0 && diff != "") {
				t.Fatalf("the two readings differ (-strict +lenient): %v\n%s", err, diff)
			}
		}
		readable(t, updates)
	})
}
