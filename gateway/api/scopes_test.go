package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestScopeMatrix asks every route with a key that has all scopes but its own,
// and with one that has its own alone: 403 and nothing done, and not 403.
func TestScopeMatrix(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	own := l.furnish(l.Maya)
	var scopes []string
	for _, r := range l.Routes {
		if r.Scope != "" && !slices.Contains(scopes, r.Scope) {
			scopes = append(scopes, r.Scope)
		}
	}
	wanted := map[string][]string{"none": {"contacts:read"}}
	for _, s := range scopes {
		wanted["only "+s] = []string{s}
		wanted["all but "+s] = slices.DeleteFunc(slices.Clone(scopes), func(x string) bool { return x == s })
	}
	keys := l.Keys(t, l.Maya, wanted)
	before, cells := l.digest(), 0
	for _, r := range l.Routes {
		s := l.sample(r, l.Maya.Keys["all"], own)
		if !strings.HasPrefix(r.Path, "/v1/") {
			s.path = parameterForm.ReplaceAllString(r.Path, "x")
		}
		for _, other := range scopes {
			missing := keys["only "+other]
			if other == r.Scope {
				missing = keys["all but "+other]
			}
			if r.Scope == "" {
				continue
			}
			a := l.Send(t, missing, r.Method, s.target(), s.text())
			if cells++; a.StatusCode != http.StatusForbidden || !strings.Contains(string(a.Text), "scope") {
				t.Errorf("%s %s without %s: %d %s, want 403", r.Method, r.Path, r.Scope, a.StatusCode, a.Text)
			}
		}
	}
	l.unchanged(before, "asking without the scope")
	for _, r := range l.Routes {
		path := parameterForm.ReplaceAllString(r.Path, "x")
		key := keys["only "+r.Scope]
		if r.Scope == "" {
			key = keys["none"]
		}
		a := l.Send(t, key, r.Method, path, "")
		if cells++; a.StatusCode == http.StatusForbidden || a.StatusCode == http.StatusUnauthorized || a.StatusCode >= 500 {
			t.Errorf("%s %s with %q alone: %d %s", r.Method, path, r.Scope, a.StatusCode, a.Text)
		}
	}
	t.Logf("%d cells: %d routes, %d scopes", cells, len(l.Routes), len(scopes))
}

// TestEveryRouteNeedsAKey asks every route without a key and with keys that are
// none.
func TestEveryRouteNeedsAKey(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.digest()
	for _, r := range l.native() {
		s := l.sample(r, l.Maya.Keys["all"], things{})
		for _, key := range []string{"", "fd_live_", strings.Repeat("k", 256), l.Maya.Keys["all"] + "x", l.Maya.Keys["all"][:20]} {
			if a := l.send(key, s); a.StatusCode != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with the key %q: %d, want 401", r.Method, r.Path, key, a.StatusCode)
			}
		}
		for _, workspace := range []string{string(l.Globex.ID), "globex", "x"} {
			if a := l.send(l.Maya.Keys["all"], s, "X-Workspace-ID", workspace); a.StatusCode != http.StatusForbidden || code(a.JSON(t)) != "wrong_workspace" {
				t.Errorf("%s %s for the workspace %s: %d, want 403", r.Method, r.Path, workspace, a.StatusCode)
			}
		}
	}
	l.unchanged(before, "asking without a key, or for another's workspace")
}
