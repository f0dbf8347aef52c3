package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/json"
	"strings"
	"testing"

	"frontdesk/gateway/provider"
)

type vector struct {
	Name        string
	AuthToken   provider.Secret `json:"auth_token"`
	URL         string          `json:"signed_url"`
	RawBody     string          `json:"raw_body"`
	ContentType string          `json:"content_type"`
	Params      map[string]any
	Expected    string
	Signature   string
}

func (v vector) form(t *testing.T) Form {
	t.Helper()
	if v.Params == nil && v.ContentType != "application/json" {
		form, err := ParseForm([]byte(v.RawBody))
		if err != nil {
			t.Fatal(err)
		}
		return form
	}
	var form Form
	for name, value := range v.Params {
		switch value := value.(type) {
		case string:
			form = append(form, Param{name, value})
		case []any:
			for _, one := range value {
				form = append(form, Param{name, one.(string)})
			}
		}
	}
	return form
}

func (v vector) signed(t *testing.T, url, header string) bool {
	t.Helper()
	s, ok := ParseSignature(header)
	return ok && s.Signs(url, v.form(t), []byte(v.RawBody), v.AuthToken)
}

func TestSignatureVectors(t *testing.T) {
	var vectors struct {
		Computed, Invalid []vector
		Published         []vector `json:"published_crosscheck"`
	}
	if err := json.Unmarshal(sample(t, "vectors.json"), &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Computed) != 9 || len(vectors.Published) != 15 || len(vectors.Invalid) != 5 {
		t.Fatalf("%d computed, %d published, %d invalid", len(vectors.Computed), len(vectors.Published), len(vectors.Invalid))
	}
	for _, v := range append(vectors.Computed, vectors.Published...) {
		if !v.signed(t, v.URL, v.Expected) {
			t.Errorf("%s: refused", v.Name)
		}
		for _, seen := range []string{
			strings.Replace(v.URL, ":443/", "/", 1), strings.Replace(v.URL, ":80/", "/", 1), // the receiver sees no port
			strings.Replace(v.URL, "%27", "'", 1), v.URL + "#rc=3&rp=all",
		} {
			if !v.signed(t, seen, v.Expected) {
				t.Errorf("%s: refused as %s", v.Name, seen)
			}
		}
		if v.signed(t, v.URL+"x", v.Expected) || v.signed(t, strings.Replace(v.URL, "http", "ftp", 1), v.Expected) {
			t.Errorf("%s: accepted for another URL", v.Name)
		}
		other := v
		other.AuthToken = ""
		if other.signed(t, v.URL, v.Expected) {
			t.Errorf("%s: accepted without a token", v.Name)
		}
	}
	for _, v := range vectors.Invalid {
		if v.signed(t, v.URL, v.Signature) {
			t.Errorf("%s: accepted", v.Name)
		}
	}
}

func TestSignatureWithPort(t *testing.T) {
	v := vector{AuthToken: "12345", Params: map[string]any{}}
	for _, signed := range []string{"https://h.example.com/x?a=1", "https://h.example.com:443/x?a=1", "https://h.example.com?a='b'", "http://[::1]/x", "https://u:p@h.example.com/x"} {
		var s Signature
		copy(s[:], sign(signed, "12345"))
		with, without := ports(signed)
		for _, seen := range []string{with, without} {
			if !s.Signs(seen, v.form(t), nil, "12345") {
				t.Errorf("signed for %s, refused as %s", signed, seen)
			}
		}
	}
}

func TestParseSignature(t *testing.T) {
	for header, want := range map[string]bool{
		"RSOYDt4T1cUTdK1PDd93/VVr8B8=": true, "RSOYDt4T1cUTdK1PDd93/VVr8B8": false, "RSOYDt4T1cUTdK1PDd93/VVr8B9=": false,
		"": false, " RSOYDt4T1cUTdK1PDd93/VVr8B8=": false, "AAAA": false,
	} {
		if _, ok := ParseSignature(header); ok != want {
			t.Errorf("ParseSignature(%q) = %v, want %v", header, ok, want)
		}
	}
}

func FuzzSignature(f *testing.F) {
	f.Add("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "https://mycompany.com/myapp.php?foo=1&bar=2", []byte("CallSid=CA1"))
	f.Add("x", "://[:?'#bodySHA256=", []byte("&=%"))
	f.Fuzz(func(t *testing.T, header, target string, body []byte) {
		form, err := ParseForm(body)
		if err != nil {
			return
		}
		if s, ok := ParseSignature(header); ok && s.Signs(target, form, body, "a token that nobody guesses") {
			t.Fatalf("%q signs %q", header, body)
		}
		var s Signature // and what is signed is accepted
		if _, hashed := bodyDigest(target); !hashed && !strings.Contains(target, "#") {
			copy(s[:], sign(target+signedParams(form), "token"))
			if !s.Signs(target, form, body, "token") {
				t.Fatalf("refused for %q", target)
			}
		}
	})
}

func sign(s, token string) []byte {
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = mac.Write([]byte(s))
	return mac.Sum(nil)
}
