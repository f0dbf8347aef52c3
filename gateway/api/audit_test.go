package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/api/apitest"
)

// TestAuditTellsWhoChangedWhat looks at the rows of a service that is made,
// changed and removed; that each operation leaves rows is tested with each.
func TestAuditTellsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	own := data(c.do("GET", "/v1/me", "", 200))["key"].(map[string]any)["id"]
	began := time.Now().Add(-time.Minute).UTC()
	made := data(c.do("POST", "/v1/services", `{"name":"Polish","duration_minutes":30}`, 201))
	id := text(made, "id")
	a := w.Do(t, c.key, "PATCH", "/v1/services/"+id, `{"name":"Polishing","duration_minutes":45}`)
	c.do("PATCH", "/v1/services/"+id, `{"name":"Polishing"}`, 200) // changes nothing
	c.do("PATCH", "/v1/services/"+id, `{"duration_minutes":-1}`, 400)
	c.do("DELETE", "/v1/services/"+id, "", 204)
	rows := list(c.do("GET", "/v1/audit?object_id="+id, "", 200))
	var got []string
	for _, r := range rows {
		row := r.(map[string]any)
		if row["actor"] != "key" || row["key_id"] != own || row["object"] != "service" || row["object_id"] != id || text(row, "at") == "" {
			t.Errorf("row %v", row)
		}
		got = append(got, fmt.Sprint(row["action"], " ", row["change"]))
	}
	slices.Sort(got)
	if want := []string{"createService created", "removeService changed", "updateService changed"}; !slices.Equal(got, want) {
		t.Errorf("rows %v, want %v", got, want)
	}
	for filter, want := range map[string]int{
		"object=service&action=updateService": 1, "request=" + a.Header.Get("X-Request-ID"): 1, "key=" + fmt.Sprint(own) + "&object_id=" + id: 3, "key=key_other": 0,
		"object_id=" + id + "&to=" + began.Format(time.RFC3339): 0, "object_id=" + id + "&from=" + began.Format(time.RFC3339): 3,
	} {
		if rows := list(c.do("GET", "/v1/audit?"+filter, "", 200)); len(rows) != want {
			t.Errorf("%s: %d rows, want %d: %v", filter, len(rows), want, rows)
		}
	}
	changed := list(c.do("GET", "/v1/audit?action=updateService", "", 200))[0].(map[string]any)
	fields := fmt.Sprint(changed["fields"])
	if !strings.Contains(fields, "name") || strings.Contains(fields, "id") || strings.Contains(fields, "updated_at") || strings.Contains(fmt.Sprint(changed), "Polish") {
		t.Errorf("changed = %v, want the names of fields alone", changed)
	}
	first := c.do("GET", "/v1/audit?limit=1", "", 200)
	if first["meta"].(map[string]any)["has_more"] != true {
		t.Errorf("a page of one = %v", first)
	}
	newClient(t, w, w.Globex.Keys["all"]).do("GET", "/v1/audit?object_id="+id, "", 404)
}

// TestAuditHasWhatAFileChanged applies a file by the admin's token.
func TestAuditHasWhatAFileChanged(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, schematest.Postgres(t), "unlimited")
	file := `{"business":{"slug":"casa-maya","name":"Maya of the file","timezone":"America/Belize","plan":"unlimited"},"services":[{"name":"Whitening","duration":"30m"}]}`
	if a := w.Do(t, apitest.AdminToken, "PUT", "/admin/v1/apply", file); a.StatusCode != http.StatusOK {
		t.Fatalf("apply: %d %s", a.StatusCode, a.Text)
	}
	c := newClient(t, w, w.Maya.Keys["all"])
	objects := map[string]bool{}
	for _, r := range list(c.do("GET", "/v1/audit?action=apply", "", 200)) {
		row := r.(map[string]any)
		if row["actor"] != "admin" || row["key_id"] != nil {
			t.Errorf("row %v", row)
		}
		objects[fmt.Sprint(row["object"], " ", row["change"])] = true
	}
	if !objects["business changed"] || !objects["service created"] {
		t.Errorf("apply left %v", objects)
	}
}

// TestAuditHoldsNoContent writes texts, numbers and secrets by the API and looks
// for them in the log.
func TestAuditHoldsNoContent(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	w := apitest.New(t, db, "unlimited")
	c := newClient(t, w, w.Maya.Keys["all"])
	c.do("POST", "/v1/messages", `{"to":"+15555550142","text":"the canary sings"}`, 201)
	key := text(data(c.do("POST", "/v1/keys", `{"name":"canary key","scopes":["*"]}`, 201)), "key")
	c.do("PATCH", "/v1/business", `{"phone":"+50122799999","email":"canary@example.com"}`, 200)
	var all string
	err := db.InTenant(t.Context(), w.Maya.ID, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT string_agg(a::text, ' ') FROM audit_log a`).Scan(&all)
	})
	if err != nil || !strings.Contains(all, "sendMessage") {
		t.Fatalf("log = %s, %v", all, err)
	}
	for _, canary := range []string{"canary", "5550142", "2799999", key, key[:16]} {
		if strings.Contains(all, canary) {
			t.Errorf("the log holds %q", canary)
		}
	}
}

// TestAuditCannotBeRewritten tries it with the role that all parts run as.
func TestAuditCannotBeRewritten(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	w := apitest.New(t, db, "unlimited")
	newClient(t, w, w.Maya.Keys["all"]).do("PATCH", "/v1/business", `{"name":"X"}`, 200)
	for _, sql := range []string{`DELETE FROM audit_log`, `UPDATE audit_log SET actor_id = ''`, `UPDATE audit_log SET at = now()`, `TRUNCATE audit_log`} {
		err := db.InTenant(t.Context(), w.Maya.ID, func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), sql); return err })
		if err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v, want it denied", sql, err)
		}
	}
}
