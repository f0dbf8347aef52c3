package edge_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/edge/edgetest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// plainSeal marks bytes as sealed for a scope, which is enough to see whether
// the store asks for the right one.
type plainSeal struct{}

func (plainSeal) Seal(scope string, plain []byte) []byte { return append([]byte(scope+"\n"), plain...) }

func (plainSeal) Open(scope string, sealed []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(sealed, []byte(scope+"\n"))
	if !ok {
		return nil, errors.New("sealed for another scope")
	}
	return plain, nil
}

// idempotent serves POST /things/{tenant}/{mode}: the body says how it ends.
// It counts the effects.
func idempotent(t *testing.T, db *tenantdb.DB, hold chan struct{}) (addr string, effects *atomic.Int64) {
	t.Helper()
	idem := edge.NewIdempotency(edge.NewIdempotencyStore(db, plainSeal{}), nil, nil)
	effects = &atomic.Int64{}
	handler := func(ctx context.Context, req *fasthttp.RequestCtx) error {
		key, err := edge.IdempotencyKey(req)
		if err != nil {
			return err
		}
		scope := edge.Scope{Tenant: ingest.TenantID(edge.Param(req, "tenant")), Mode: edge.Param(req, "mode"), Method: "POST", Route: "/things", Key: key}
		return idem.Do(ctx, req, scope, edge.NativeFault, func(context.Context) error {
			if hold != nil {
				<-hold
			}
			return act(req, effects)
		})
	}
	addr, _ = edgetest.Serve(t, edgetest.Config(), edge.Options{Routes: []edge.Route{{Method: "POST", Path: "/things/{tenant}/{mode}", Handler: handler}}})
	return addr, effects
}

func act(req *fasthttp.RequestCtx, effects *atomic.Int64) error {
	body, err := edge.Body(req)
	if err != nil {
		return err
	}
	switch string(body) {
	case "invalid":
		return edge.Invalid(edge.FieldError{Field: "x", Message: "is missing"})
	case "breaks":
		effects.Add(1)
		return errors.New("broken " + edge.Effect(req))
	case "panics":
		panic("broken")
	case "away":
		return &edge.Fault{Status: 503, Code: "unavailable", Detail: "away", RetryAfter: time.Second}
	case "breaks at first":
		if effects.Add(1)%2 == 1 {
			return errors.New("broken")
		}
	case "refused":
		effects.Add(1)
		return &edge.Fault{Status: 422, Code: "window_closed", Detail: "closed"}
	}
	return edge.Reply(req, http.StatusCreated, map[string]any{"effect": effects.Add(1), "id": edge.Effect(req)})
}

func send(t *testing.T, addr, tenant, mode, key, body string) (int, http.Header, string) {
	t.Helper()
	return raw(t, addr, fmt.Sprintf("POST /things/%s/%s HTTP/1.1\r\nHost: h\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s", tenant, mode, key, len(body), body))
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	addr, effects := idempotent(t, db, nil)
	status, _, first := send(t, addr, "acme", "live", "k", "a")
	if status != 201 || !strings.Contains(first, `"effect":1`) {
		t.Fatalf("first: %d %s", status, first)
	}
	tests := []struct {
		name, tenant, mode, key, body string
		status                        int
		want                          string
		replayed                      bool
		effects                       int64
	}{
		{"the same again", "acme", "live", "k", "a", 201, first, true, 1},
		{"another body", "acme", "live", "k", "b", 409, "idempotency_key_reused", false, 1},
		{"another query", "acme", "live?dry=1", "k", "a", 409, "idempotency_key_reused", false, 1},
		{"another API key in the query", "acme", "live?api_key=x", "k", "a", 201, first, true, 1},
		{"another tenant", "globex", "live", "k", "a", 201, `"effect":2`, false, 2},
		{"another mode", "acme", "test", "k", "a", 201, `"effect":3`, false, 3},
		{"another key", "acme", "live", "l", "a", 201, `"effect":4`, false, 4},
		{"a refusal", "acme", "live", "r", "refused", 422, "window_closed", false, 5},
		{"the refusal again", "acme", "live", "r", "refused", 422, "window_closed", true, 5},
		{"a failure", "acme", "live", "f", "breaks", 500, "internal", false, 6},
		{"the failure again", "acme", "live", "f", "breaks", 500, "internal", false, 7},
		{"another request under the failure's key", "acme", "live", "f", "a", 409, "idempotency_key_reused", false, 7},
		{"no answer", "acme", "live", "w", "away", 503, "unavailable", false, 7},
		{"no answer again", "acme", "live", "w", "away", 503, "unavailable", false, 7},
		{"a panic", "acme", "live", "p", "panics", 500, "internal", false, 7},
		{"a panic again", "acme", "live", "p", "panics", 500, "internal", false, 7},
		{"a wrong request is not kept", "acme", "live", "i", "invalid", 400, "is missing", false, 7},
		{"so its key is free", "acme", "live", "i", "a", 201, `"effect":8`, false, 8},
		{"a key with a space", "acme", "live", "a b", "a", 400, "invalid_idempotency_key", false, 8},
		{"an empty key", "acme", "live", "", "a", 400, "invalid_idempotency_key", false, 8},
		{"a key of one letter", "acme", "live", "1", "a", 201, `"effect":9`, false, 9},
		{"the longest key", "acme", "live", strings.Repeat("k", 255), "a", 201, `"effect":10`, false, 10},
		{"a key with a letter beyond ASCII", "acme", "live", "clé", "a", 400, "invalid_idempotency_key", false, 10},
		{"a key too long", "acme", "live", strings.Repeat("k", 256), "a", 400, "invalid_idempotency_key", false, 10},
	}
	for _, tt := range tests {
		status, header, body := send(t, addr, tt.tenant, tt.mode, tt.key, tt.body)
		if status != tt.status || !strings.Contains(body, tt.want) || (header.Get("Idempotency-Replayed") == "true") != tt.replayed {
			t.Errorf("%s: %d %s (replayed %q), want %d %s", tt.name, status, body, header.Get("Idempotency-Replayed"), tt.status, tt.want)
		}
		if got := effects.Load(); got != tt.effects {
			t.Errorf("%s: %d effects, want %d", tt.name, got, tt.effects)
		}
	}
}

// TestAFaultOfOursIsNotKept has the effect named alike for the request that
// broke and for its repeat, whose answer is kept.
func TestAFaultOfOursIsNotKept(t *testing.T) {
	t.Parallel()
	addr, _ := idempotent(t, schematest.Postgres(t), nil)
	broken, _, _ := send(t, addr, "acme", "live", "k", "breaks at first")
	status, _, answer := send(t, addr, "acme", "live", "k", "breaks at first")
	again, header, same := send(t, addr, "acme", "live", "k", "breaks at first")
	if broken != 500 || status != 201 || again != 201 || same != answer || header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%d, then %d %s, then %d %s; want 500, then an answer and the same again", broken, status, answer, again, same)
	}
}

func TestIdempotencyAtOnce(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	addr, effects := idempotent(t, schematest.Postgres(t), hold)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := map[int]int{}
	const request = "POST /things/acme/live HTTP/1.1\r\nHost: h\r\nIdempotency-Key: k\r\nContent-Length: 1\r\n\r\na"
	for range 63 { // all but the one that holds the key are turned away
		wg.Go(func() {
			status, _, _ := raw(t, addr, request)
			mu.Lock()
			defer mu.Unlock()
			if got[status]++; status == http.StatusConflict && got[status] == 62 {
				close(hold)
			}
		})
	}
	wg.Wait()
	if got[201] != 1 || got[409] != 62 || effects.Load() != 1 {
		t.Errorf("statuses %v, %d effects; want one 201, the rest 409, one effect", got, effects.Load())
	}
	if status, header, _ := raw(t, addr, request); status != 201 || header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("afterwards: %d, replayed %q", status, header.Get("Idempotency-Replayed"))
	}
}

func TestIdempotencyTakesOverFromTheDead(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	store := edge.NewIdempotencyStore(db, plainSeal{})
	scope := edge.Scope{Tenant: "acme", Mode: "live", Method: "POST", Route: "/things", Key: "k"}
	print := []byte("fingerprint")
	age := func(column, by string) {
		t.Helper()
		err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE idempotency_keys SET `+column+` = now() - $1::interval`, by)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	begin := func(fingerprint []byte, owner string) edge.Standing {
		t.Helper()
		st, err := store.Begin(t.Context(), scope, fingerprint, owner)
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	if st := begin(print, "req_1"); st.Claim != edge.Ours || st.Effect != "req_1" {
		t.Fatalf("first = %+v", st)
	}
	if st := begin(print, "req_2"); st.Claim != edge.Running {
		t.Errorf("while it runs = %+v", st)
	}
	age("locked_until", "1 second")
	if held, err := store.Renew(t.Context(), scope, "req_1"); !held || err != nil {
		t.Errorf("Renew() = %t, %v, want the claim held", held, err)
	}
	if st := begin(print, "req_2"); st.Claim != edge.Running {
		t.Errorf("after it was renewed = %+v", st)
	}
	age("locked_until", "1 second")
	if st := begin([]byte("another"), "req_3"); st.Claim != edge.Reused {
		t.Errorf("another request after it died = %+v", st)
	}
	if st := begin(print, "req_4"); st.Claim != edge.Ours || st.Effect != "req_1" {
		t.Errorf("the repeat after it died = %+v, want ours with the effect req_1", st)
	}
	if held, err := store.Renew(t.Context(), scope, "req_1"); held || err != nil {
		t.Errorf("Renew() by the dead one = %t, %v, want it told that another has the claim", held, err)
	}
	if err := store.Finish(t.Context(), scope, "req_1", edge.Answer{Status: 200, Body: []byte("the dead one's")}); err != nil {
		t.Fatal(err)
	}
	if err := store.Finish(t.Context(), scope, "req_4", edge.Answer{Status: 201, Body: []byte("ours")}); err != nil {
		t.Fatal(err)
	}
	if st := begin(print, "req_5"); st.Claim != edge.Replayed || st.Answer.Status != 201 || string(st.Answer.Body) != "ours" {
		t.Errorf("afterwards = %+v", st)
	}
	age("created_at", (edge.KeepAnswers + time.Second).String())
	if st := begin([]byte("another"), "req_6"); st.Claim != edge.Ours || st.Effect != "req_6" {
		t.Errorf("after a day = %+v, want the key free", st)
	}
	age("created_at", (edge.KeepAnswers + time.Second).String())
	if n, err := store.Prune(t.Context()); n != 1 || err != nil {
		t.Errorf("Prune() = %d, %v, want 1", n, err)
	}
}
