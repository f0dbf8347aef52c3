package whatsapp

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"frontdesk/gateway/provider"
)

func TestSignatureVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Valid, Invalid []struct {
			Name, Body, Header string
			AppSecret          provider.Secret `json:"app_secret"`
		}
	}
	if err := json.Unmarshal(raw, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Valid) < 4 || len(vectors.Invalid) < 7 {
		t.Fatalf("%d valid and %d invalid vectors", len(vectors.Valid), len(vectors.Invalid))
	}
	for _, v := range vectors.Valid {
		s, ok := ParseSignature(v.Header)
		if !ok || !s.Signs([]byte(v.Body), v.AppSecret) {
			t.Errorf("%s: refused", v.Name)
		}
		if s.Signs([]byte(v.Body), "") || s.Signs([]byte(v.Body+" "), v.AppSecret) {
			t.Errorf("%s: signs another body, or with no secret", v.Name)
		}
	}
	for _, v := range vectors.Invalid {
		if s, ok := ParseSignature(v.Header); ok && s.Signs([]byte(v.Body), v.AppSecret) {
			t.Errorf("%s: accepted", v.Name)
		}
	}
}

func TestParseSignature(t *testing.T) {
	digits := strings.Repeat("0a", 32)
	for header, want := range map[string]bool{
		"sha256=" + digits: true, "sha256=" + strings.ToUpper(digits): false, "SHA256=" + digits: false, digits: false,
		"sha256=" + digits + "00": false, "sha256=" + digits[1:]: false, "sha256= " + digits[1:]: false,
		"sha256=" + strings.Repeat("zz", 32): false, "": false, "sha256=": false,
	} {
		if _, ok := ParseSignature(header); ok != want {
			t.Errorf("ParseSignature(%q) = %v, want %v", header, ok, want)
		}
	}
}

func FuzzParseSignature(f *testing.F) {
	f.Add("sha256="+strings.Repeat("0a", 32), []byte("test"))
	f.Add("sha256=", []byte{})
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if s, ok := ParseSignature(header); ok && s.Signs(body, "a secret that nobody guesses") {
			t.Fatalf("%q signs %q", header, body)
		}
	})
}
