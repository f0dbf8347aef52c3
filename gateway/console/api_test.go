package console_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// call makes one request and returns the status and what was answered.
func (d *desk) call(method, path, key, kind, body string) (int, map[string]any) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.base+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	var answer map[string]any
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &answer); err != nil {
			d.t.Fatal(err)
		}
	}
	return res.StatusCode, answer
}

const jsonKind = "application/json"

func (d *desk) join(key string) (int, string) {
	d.t.Helper()
	status, answer := d.call(http.MethodPost, "/simulator/api/customers", key, jsonKind, `{"channel_id": "chn_wa", "phone": "+15555557777", "name": "Dana"}`)
	data, _ := answer["data"].(map[string]any)
	id, _ := data["id"].(string)
	return status, id
}

func TestOnlyTestKeysGetIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, id := d.join("fd_test_acme")
	one := "/simulator/api/customers/" + id
	for _, route := range [][2]string{
		{http.MethodGet, "/simulator/api/session"}, {http.MethodGet, "/simulator/api/customers?channel=chn_wa"}, {http.MethodPost, "/simulator/api/customers"},
		{http.MethodGet, one + "/thread"}, {http.MethodPost, one + "/messages"}, {http.MethodPost, one + "/resume"}, {http.MethodDelete, one},
		{http.MethodPost, "/simulator/api/media"}, {http.MethodGet, "/simulator/api/media/1"},
	} {
		for key, want := range map[string]int{"": http.StatusUnauthorized, "fd_test_guess": http.StatusUnauthorized, "fd_live_acme": http.StatusForbidden} {
			if got, _ := d.call(route[0], route[1], key, jsonKind, `{}`); got != want {
				t.Errorf("%s %s with the key %q = %d, want %d", route[0], route[1], key, got, want)
			}
		}
	}
}

func TestATenantSeesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	status, id := d.join("fd_test_acme")
	if status != http.StatusCreated {
		t.Fatalf("join = %d", status)
	}
	one := "/simulator/api/customers/" + id
	_, file := d.call(http.MethodPost, "/simulator/api/media", "fd_test_acme", "image/png", "png")
	media := "/simulator/api/media/" + file["data"].(map[string]any)["id"].(string)
	for _, route := range [][3]string{
		{http.MethodGet, one + "/thread", ""}, {http.MethodPost, one + "/messages", `{"type": "text", "text": "me too"}`},
		{http.MethodPost, one + "/resume", ""}, {http.MethodDelete, one, ""}, {http.MethodGet, media, ""},
	} {
		if got, _ := d.call(route[0], route[1], "fd_test_globex", jsonKind, route[2]); got != http.StatusNotFound {
			t.Errorf("%s %s as another tenant = %d, want 404", route[0], route[1], got)
		}
	}
	if status, _ := d.join("fd_test_globex"); status != http.StatusNotFound {
		t.Errorf("join on another tenant's channel = %d, want 404", status)
	}
	if got, _ := d.call(http.MethodGet, media, "fd_test_acme", "", ""); got != http.StatusOK {
		t.Errorf("the own file = %d", got)
	}
	if got, _ := d.call(http.MethodDelete, one, "fd_test_acme", "", ""); got != http.StatusNoContent {
		t.Errorf("delete = %d, want 204", got)
	}
}

func TestBadRequestsAreExplained(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, id := d.join("fd_test_acme")
	messages := "/simulator/api/customers/" + id + "/messages"
	for body, want := range map[string]int{
		`{"type": "text", "text": ""}`:                     http.StatusUnprocessableEntity,
		`{"type": "template"}`:                             http.StatusUnprocessableEntity,
		`{"type": "text", "text": "a\u0000b"}`:             http.StatusUnprocessableEntity,
		`{"type": "image", "media_id": "nobody's"}`:        http.StatusNotFound,
		`{"type": "text", "txt": "unknown field"}`:         http.StatusBadRequest,
		`{"type": "text", "text": "fine"}`:                 http.StatusAccepted,
		`{"type": "location", "location": {"latitude":1}}`: http.StatusAccepted,
	} {
		if got, answer := d.call(http.MethodPost, messages, "fd_test_acme", jsonKind, body); got != want {
			t.Errorf("%s = %d %v, want %d", body, got, answer, want)
		}
	}
	if got, _ := d.call(http.MethodPost, "/simulator/api/media", "fd_test_acme", "image/svg+xml", "<svg/>"); got != http.StatusUnsupportedMediaType {
		t.Errorf("an SVG = %d, want 415", got)
	}
}

func TestPagesAreStrict(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, path := range []string{"/", "/simulator", "/simulator/", "/console/simulator.js", "/console/style.css", "/console/icon.svg", "/console/landing.js"} {
		res, err := http.Get(d.base + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || len(body) == 0 {
			t.Errorf("%s = %d, %v", path, res.StatusCode, err)
		}
		if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s has the policy %q", path, csp)
		}
		for _, inline := range []string{"<style", " style=", " onclick=", "https://", "innerHTML", "eval("} {
			if strings.Contains(string(body), inline) {
				t.Errorf("%s contains %q", path, inline)
			}
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", res.Header.Get("ETag"))
		again, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		again.Body.Close()
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s asked for again = %d, want 304", path, again.StatusCode)
		}
	}
}
