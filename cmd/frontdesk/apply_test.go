package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/gateway/tenant"
)

func TestApplySendsTheFileWithItsDocuments(t *testing.T) {
	dir := t.TempDir()
	business := "business: {slug: a, name: A}\nknowledge:\n  - {title: Prices, file: docs/prices.txt}\n"
	for name, text := range map[string]string{"business.yaml": business, "docs/prices.txt": "A cleaning costs 120."} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var asked string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		f, err := tenant.Parse(body.Bytes())
		asked = r.Method + " " + r.URL.String() + " " + r.Header.Get("Authorization")
		if err != nil || f.Knowledge[0].Content != "A cleaning costs 120." {
			t.Errorf("the server got %v, %v", f, err)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{
			"keys": []map[string]string{{"name": "crm", "key": "fd_live_secret"}}, "created": []string{"article Prices"}, "unchanged": []string{"business a"},
		}})
	}))
	defer server.Close()
	var out bytes.Buffer
	err := runApply(t.Context(), applyTo{server.URL, "tok"}.target, []string{"-f", filepath.Join(dir, "business.yaml"), "--prune", "--dry-run"}, nil, &out)
	if err != nil {
		t.Fatalf("runApply(): %v", err)
	}
	if want := "PUT /admin/v1/apply?dry_run=true&prune=true Bearer tok"; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
	for _, want := range []string{"would be created: article Prices", "unchanged: 1", "fd_live_secret"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("printed %q, want %q in it", out.String(), want)
		}
	}
}

func TestApplyTellsWhatIsWrong(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":{"code":"invalid_file","message":"nothing was applied","details":[{"field":"keyz","message":"unknown field","line":2}]}}`))
	}))
	defer server.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }))
	defer page.Close()
	missing := "business: {slug: a, name: A}\nknowledge: [{title: T, file: nowhere.pdf}]\n"
	for _, tt := range []struct {
		name  string
		to    applyTo
		args  []string
		input string
		want  string
	}{
		{"a wrong file", applyTo{server.URL, "tok"}, []string{"-f", "-"}, "business: {}\nkeyz: []\n", "line 2: keyz: unknown field"},
		{"no file named", applyTo{server.URL, "tok"}, nil, "", "name the file: -f business.yaml"},
		{"no token", applyTo{server.URL, ""}, []string{"-f", "-"}, "", "FRONTDESK_ADMIN_TOKEN"},
		{"a document that is not there", applyTo{server.URL, "tok"}, []string{"-f", "-"}, missing, "nowhere.pdf"},
		{"another server", applyTo{page.URL, "tok"}, []string{"-f", "-"}, "a: b\n", "is FRONTDESK_PUBLIC_URL frontdesk's address?"},
	} {
		err := runApply(t.Context(), tt.to.target, tt.args, strings.NewReader(tt.input), &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

// target is to, as if the environment had named it.
func (to applyTo) target() (applyTo, error) { return to, nil }
