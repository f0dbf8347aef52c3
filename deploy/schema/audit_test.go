package schema_test

import (
	"slices"
	"testing"

	"frontdesk/deploy/schema/schematest"
)

// TestAuditTakesAnyRow writes and changes a row with a NUL in its json, which
// jsonb takes none of, and looks for the entries.
func TestAuditTakesAnyRow(t *testing.T) {
	url := schematest.PostgresURL(t)
	execute(t, url, `CREATE TABLE things (tenant_id text, id text, body json, PRIMARY KEY (tenant_id, id)); SELECT frontdesk_isolate('things')`)
	for _, step := range [][2]string{
		{"req_1", `INSERT INTO things VALUES ('ten_1', 'thg_1', '{"text": "a\u0000b"}')`},
		{"req_2", `UPDATE things SET body = '{"text": "\u0000"}'`},
		{"req_3", `UPDATE things SET body = body`},
		{"req_4", `DELETE FROM things`},
	} {
		execute(t, url, `SELECT set_config('app.actor', '{"actor": "key", "id": "key_1", "action": "changeThing", "request": "`+step[0]+`"}', false); `+step[1])
	}
	want := []string{"req_1 created things thg_1 {}", "req_2 changed things thg_1 {body}", "req_4 deleted things thg_1 {}"}
	got := lines(t, url, `SELECT request_id || ' ' || change || ' ' || object || ' ' || object_id || ' ' || fields::text FROM audit_log ORDER BY request_id`)
	if !slices.Equal(got, want) {
		t.Errorf("the audit has %q, want %q", got, want)
	}
}
