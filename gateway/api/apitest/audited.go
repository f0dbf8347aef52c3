package apitest

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"frontdesk/gateway/audit"
	"frontdesk/ingest/tenantdb"
)

// Unaudited are the operations that take a body and change nothing.
var Unaudited = []string{"queryAnalytics", "estimateMessage", "testChannel"}

// watchAudit fails the test, at its end, for each operation that was answered
// below 300 and never left a row in the audit log. So an operation that is tested
// at all is tested for that too, and all are: each needs an example from a test.
// A single request may leave none: one that changes nothing.
func (w *World) watchAudit(t testing.TB) {
	w.rows = map[string]int{}
	t.Cleanup(func() {
		w.watching.Lock()
		defer w.watching.Unlock()
		for operation, rows := range w.rows {
			if rows == 0 {
				t.Errorf("%s changed something and left no row in the audit log", operation)
			}
		}
	})
}

// audited counts the rows that a request left.
func (w *World) audited(t testing.TB, a Answer) {
	t.Helper()
	r := a.Request
	if r.Method == http.MethodGet || a.StatusCode >= 300 || a.Header.Get("Idempotency-Replayed") != "" || !strings.HasPrefix(r.URL.Path, "/v1/") {
		return
	}
	route, _ := w.contract.Find(r.Method, r.URL.EscapedPath())
	caller, err := w.Directory.Authenticate(t.Context(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	if route == nil || err != nil || slices.Contains(Unaudited, route.Operation.OperationID) {
		return
	}
	rows, _, err := w.audit.Entries(t.Context(), caller.Tenant, audit.Filter{Request: a.Header.Get("X-Request-ID")})
	if err != nil {
		t.Fatal(err)
	}
	id := route.Operation.OperationID
	for _, row := range rows {
		if row.Action != id || row.Actor != tenantdb.ByKey || row.ActorID != caller.KeyID || row.At.IsZero() {
			t.Errorf("%s left the row %+v", id, row)
		}
	}
	w.watching.Lock()
	defer w.watching.Unlock()
	w.rows[id] += len(rows)
}
