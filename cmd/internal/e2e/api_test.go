package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// patient waits long enough for any answer of the API, and no longer.
var patient = &http.Client{Timeout: 20 * time.Second}

// send sends a request with the scene's live key and returns status and body.
func (s *scene) send(t *testing.T, method, path string, in any) (int, []byte) {
	t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := patient.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, raw
}

// call sends a request and reads the answer's JSON into out. Any status but
// 2xx fails the test.
func (s *scene) call(t *testing.T, method, path string, in, out any) {
	t.Helper()
	status, raw := s.send(t, method, path, in)
	if status/100 != 2 {
		t.Fatalf("%s %s: %d: %s", method, path, status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
}

// try sends a request and returns the status and the answer's data, which
// lists and errors do not have.
func (s *scene) try(t *testing.T, method, path string, in any) (int, map[string]any) {
	t.Helper()
	status, raw := s.send(t, method, path, in)
	var out struct{ Data map[string]any }
	_ = json.Unmarshal(raw, &out)
	return status, out.Data
}
