package embed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/kb/embed"
)

func dot(a, b []float32) float64 {
	var s float64
	for i := range a {
		s += float64(a[i]) * float64(b[i])
	}
	return s
}

func TestHashing(t *testing.T) {
	vs, err := embed.Hashing{}.Embed(t.Context(), []string{"opening hours on Saturday", "saturday opening hour", "free parking behind the house", "", "無料駐車場"})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range vs {
		if len(v) != embed.HashingDims || math.Abs(dot(v, v)-1) > 1e-5 {
			t.Errorf("vector %d has %d dimensions and length² %v", i, len(v), dot(v, v))
		}
	}
	if near, far := dot(vs[0], vs[1]), dot(vs[0], vs[2]); near < 0.4 || near < far+0.2 {
		t.Errorf("likeness %.2f of the same words, %.2f of others", near, far)
	}
	again, _ := embed.Hashing{}.Embed(t.Context(), []string{"opening hours on Saturday"})
	if !slices.Equal(again[0], vs[0]) {
		t.Error("the same text gave another vector")
	}
}

// endpoint answers with vectors whose first figure is the length of the text.
func endpoint(t *testing.T, before func(n int64, w http.ResponseWriter, r *http.Request) bool) (*embed.Remote, *atomic.Int64) {
	t.Helper()
	calls := &atomic.Int64{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // else the server does not notice that the client has gone
		if before != nil && before(calls.Add(1), w, r) {
			return
		}
		var in struct {
			Model string
			Input []string
		}
		if err := json.Unmarshal(body, &in); err != nil || in.Model != "m" || r.URL.Path != "/v1/embeddings" || r.Header.Get("Authorization") != "Bearer k" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var parts []string
		for i := len(in.Input) - 1; i >= 0; i-- { // in any order
			parts = append(parts, fmt.Sprintf(`{"index":%d,"embedding":[%d,1,0]}`, i, len(in.Input[i])))
		}
		fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(parts, ","))
	}))
	t.Cleanup(srv.Close)
	r, err := embed.NewRemote(embed.Config{URL: srv.URL + "/v1/", Key: "k", Name: "m", Batch: 2, Timeout: 300 * time.Millisecond, Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return r, calls
}

func TestRemoteInBatches(t *testing.T) {
	r, _ := endpoint(t, nil)
	vs, err := r.Embed(t.Context(), []string{"a", "bbbb", "ccccccccc"})
	if err != nil {
		t.Fatal(err)
	}
	if len(vs) != 3 || !(vs[0][0] < vs[1][0] && vs[1][0] < vs[2][0]) || math.Abs(dot(vs[2], vs[2])-1) > 1e-5 {
		t.Errorf("vectors %v, want three of length 1 in the order of the texts", vs)
	}
}

func TestRemoteTrouble(t *testing.T) {
	status := func(code int) func(int64, http.ResponseWriter, *http.Request) bool {
		return func(_ int64, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(code); return true }
	}
	body := func(s string) func(int64, http.ResponseWriter, *http.Request) bool {
		return func(_ int64, w http.ResponseWriter, _ *http.Request) bool { fmt.Fprint(w, s); return true }
	}
	tests := []struct {
		name   string
		before func(int64, http.ResponseWriter, *http.Request) bool
		ok     bool
		calls  int64
	}{
		{"a fault that passes", func(n int64, w http.ResponseWriter, r *http.Request) bool {
			if n > 1 {
				return false
			}
			return status(500)(n, w, r)
		}, true, 2},
		{"a fault that stays", status(503), false, 3},
		{"too many requests", status(429), false, 3},
		{"a wrong key", status(401), false, 1},
		{"no JSON", body("<html>"), false, 3},
		{"too few vectors", body(`{"data":[]}`), false, 3},
		{"a vector twice", body(`{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}`), false, 3},
		{"an index out of range", body(`{"data":[{"index":7,"embedding":[1]}]}`), false, 3},
		{"an answer without end", func(_ int64, w http.ResponseWriter, r *http.Request) bool {
			for chunk := strings.Repeat(" ", 1<<20); r.Context().Err() == nil; {
				if _, err := fmt.Fprint(w, chunk); err != nil {
					break
				}
			}
			return true
		}, false, 3},
		{"no answer", func(_ int64, _ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, false, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, calls := endpoint(t, tt.before)
			_, err := r.Embed(t.Context(), []string{"a"})
			if tt.ok != (err == nil) || err != nil && !errors.Is(err, embed.ErrUnavailable) {
				t.Errorf("error %v", err)
			}
			if calls.Load() != tt.calls {
				t.Errorf("%d requests, want %d", calls.Load(), tt.calls)
			}
		})
	}
}

func TestRemoteEndsWithItsContext(t *testing.T) {
	r, _ := endpoint(t, func(_ int64, _ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Embed(ctx, []string{"a"}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestTheKeyIsNotPrinted(t *testing.T) {
	if s := fmt.Sprintf("%v %+v %#v", embed.Config{Key: "hush"}, embed.Config{Key: "hush"}, embed.Config{Key: "hush"}); strings.Contains(s, "hush") {
		t.Error(s)
	}
}

func FuzzHashing(f *testing.F) {
	f.Add("hello wörld")
	f.Add("\xff")
	f.Fuzz(func(t *testing.T, s string) {
		vs, _ := embed.Hashing{}.Embed(t.Context(), []string{s})
		if l := dot(vs[0], vs[0]); math.Abs(l-1) > 1e-4 {
			t.Errorf("length² %v", l)
		}
	})
}
