package contact_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

func phoneOf(s, _ string) (string, error) {
	if !strings.HasPrefix(s, "+") {
		return "", errors.New("no number")
	}
	return s, nil
}

func importer(s *contact.Store, batch int) *contact.Importer {
	return contact.NewImporter(s, contact.ImporterConfig{Phone: phoneOf, Batch: batch})
}

func TestImport(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	known := create(t, s, acme, contact.Profile{Name: "Ann", Notes: "stays", Fields: map[string]json.RawMessage{"a": json.RawMessage("1")}}, number("+15550001"))
	mailed := create(t, s, acme, contact.Profile{Email: "Bob@example.com"})
	foreign := create(t, s, globex, contact.Profile{Name: "Other"}, number("+15550001"))
	text := "phone,name,email,fields.b\n+15550001,,ann@example.com,x\n+15550002,Cy,,\n,Bob,bob@EXAMPLE.com,\n+15550002,Cyril,,\nnothing,Di,,\n,,new@example.com,\n"
	for _, dry := range []bool{true, false} {
		job, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: []byte(text[:30]), More: true, DryRun: dry})
		if err != nil || job.Status != contact.Uploading {
			t.Fatal(job, err)
		}
		var wrong *contact.OffsetError
		if _, err := s.AddPart(t.Context(), acme, job.ID, 29, []byte("x"), false); !errors.As(err, &wrong) || wrong.Bytes != 30 {
			t.Errorf("a part in the wrong place: %v", err)
		}
		if _, err := s.AddPart(t.Context(), globex, job.ID, 30, []byte("x"), false); !errors.Is(err, contact.ErrNoImport) {
			t.Errorf("a part by another tenant: %v", err)
		}
		if _, err := s.AddPart(t.Context(), acme, job.ID, 30, []byte(text[30:]), false); err != nil {
			t.Fatal(err)
		}
		if _, err := importer(s, 2).Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, rows, err := s.Import(t.Context(), acme, job.ID)
		if err != nil || got.Status != contact.Done || got.Rows != 6 || got.Updated != 3-btoi(dry) || got.Failed != 1 || got.Bytes != got.BytesDone || len(rows) != 1 || rows[0].Line != 6 || rows[0].Field != "phone" {
			t.Errorf("dry %v: %+v, %v, %v", dry, got, rows, err)
		}
		list, _, err := s.Contacts(t.Context(), acme, contact.Filter{})
		if want := 4; err != nil || dry != (len(list) == 2) || !dry && len(list) != want {
			t.Errorf("dry %v: %d contacts, %v", dry, len(list), err)
		}
	}
	if c, err := s.Contact(t.Context(), acme, known.ID); err != nil || c.Name != "Ann" || c.Notes != "stays" || c.Email != "ann@example.com" || len(c.Fields) != 2 {
		t.Errorf("the known one is %+v, %v", c, err)
	}
	if c, err := s.Contact(t.Context(), acme, mailed.ID); err != nil || c.Name != "Bob" {
		t.Errorf("of the address is %+v, %v", c, err)
	}
	if c, err := s.ByIdentifier(t.Context(), acme, number("+15550002")); err != nil || c.Name != "Cyril" || c.Source != "import" {
		t.Errorf("the new one is %+v, %v", c, err)
	}
	if c, err := s.Contact(t.Context(), globex, foreign.ID); err != nil || c.Email != "" {
		t.Errorf("another tenant's is %+v, %v", c, err)
	}
	if n := count(t, db, acme, "contact_import_parts"); n != 0 {
		t.Errorf("%d parts are left", n)
	}
}

// btoi is 1 for a dry run: it forgets what its earlier batches made.
func btoi(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func count(t *testing.T, db *tenantdb.DB, tenant ingest.TenantID, table string) (n int) {
	t.Helper()
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FROM `+table+` WHERE tenant_id = $1`, tenant).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImportGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	var b strings.Builder
	b.WriteString("phone,name\n")
	const rows = 40
	for i := range rows {
		fmt.Fprintf(&b, "+1555%04d,Nr %d\n", i, i)
	}
	job, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: []byte(b.String()), RequestKey: "req_1"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: []byte(b.String()), RequestKey: "req_1"}); err != nil || again.ID != job.ID {
		t.Errorf("the same request began %s, %v; want %s", again.ID, err, job.ID)
	}
	for attempt := 0; ; attempt++ { // each worker dies in the middle of a batch
		ctx, cancel := context.WithCancel(t.Context())
		m := contact.NewImporter(s, contact.ImporterConfig{Batch: 5, Phone: func(value, _ string) (string, error) {
			if strings.HasSuffix(value, fmt.Sprintf("%02d", 7*attempt+6)) {
				cancel()
			}
			return value, nil
		}})
		_, _ = m.Work(ctx)
		cancel()
		got, _, err := s.Import(t.Context(), acme, job.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status == contact.Done {
			if attempt == 0 || got.Rows != rows || got.Created != rows || got.Updated != 0 || got.Failed != 0 {
				t.Errorf("after %d crashes %+v, want every row once", attempt, got)
			}
			break
		}
		if attempt > rows {
			t.Fatalf("never ends: %+v", got)
		}
		err = db.InTenant(t.Context(), acme, func(tx pgx.Tx) error { // the lease ends
			_, err := tx.Exec(t.Context(), `UPDATE contact_imports SET leased_until = now() - interval '1 second' WHERE tenant_id = $1`, acme)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, acme, "contacts"); n != rows {
		t.Errorf("%d contacts, want %d", n, rows)
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	var last contact.Contact
	for i := range 3 {
		last = create(t, s, acme, contact.Profile{Name: fmt.Sprintf("=Nr %d", i), Tags: []string{"x"}}, number(fmt.Sprintf("+1555000%d", i)))
	}
	create(t, s, globex, contact.Profile{Name: "Other"}, number("+15550009"))
	all, err := io.ReadAll(s.Export(t.Context(), acme, contact.Filter{}, contact.CSV))
	if err != nil || strings.Count(string(all), "\r\n") != 4 || !strings.Contains(string(all), "'=Nr 1") || strings.Contains(string(all), "Other") {
		t.Errorf("csv %s, %v", all, err)
	}
	lines, err := io.ReadAll(s.Export(t.Context(), acme, contact.Filter{Tag: "x"}, contact.Lines))
	if err != nil || strings.Count(string(lines), "\n") != 3 {
		t.Errorf("lines %s, %v", lines, err)
	}
	rest := strings.SplitAfter(string(lines), "\n")
	var second struct{ ID string }
	if err := json.Unmarshal([]byte(rest[1]), &second); err != nil {
		t.Fatal(err)
	}
	tail, err := io.ReadAll(s.Export(t.Context(), acme, contact.Filter{After: second.ID}, contact.Lines))
	if err != nil || strings.Count(string(tail), "\n") != 1 || !strings.Contains(string(tail), string(last.ID)) {
		t.Errorf("after the second: %s, %v", tail, err)
	}
	gone, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if _, err := io.ReadAll(s.Export(gone, acme, contact.Filter{}, contact.CSV)); err == nil {
		t.Error("an export that cannot be read ends as if it were whole")
	}
}

// TestNothingIsLeftOfAnImportThatFails ends one by errors of the database, and one
// whose next part never comes.
func TestNothingIsLeftOfAnImportThatFails(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	m := contact.NewImporter(s, contact.ImporterConfig{Phone: func(string, string) (string, error) { return "\x00", nil }})
	text := []byte("phone,name\n+15550001,Ann\n")
	bad, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: text, More: true})
	if err != nil {
		t.Fatal(err)
	}
	old, err := s.BeginImport(t.Context(), globex, contact.Upload{Text: text, More: true})
	if err != nil {
		t.Fatal(err)
	}
	change := func(tenant ingest.TenantID, sql string) {
		err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE contact_imports SET `+sql+` WHERE tenant_id = $1`, tenant)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(globex, `updated_at = now() - interval '25 hours'`)
	for range 5 {
		if _, err := m.Work(t.Context()); err == nil {
			t.Error("a row that cannot be stored is no error")
		}
		change(acme, `leased_until = '-infinity'`)
	}
	for _, want := range []struct {
		tenant ingest.TenantID
		id     string
		status contact.ImportStatus
		parts  int
	}{{acme, bad.ID, contact.Failed, 1}, {acme, fresh.ID, contact.Uploading, 1}, {globex, old.ID, contact.Failed, 0}} {
		got, _, err := s.Import(t.Context(), want.tenant, want.id)
		if parts := count(t, db, want.tenant, "contact_import_parts"); err != nil || got.Status != want.status || parts != want.parts || (got.Detail == "") != (want.status == contact.Uploading) {
			t.Errorf("%s: %+v, %v with %d parts of the tenant, want %s and %d", want.id, got, err, parts, want.status, want.parts)
		}
	}
}

// TestAnImportUndoesNoChangeAtOnce changes a contact while an import is about to
// read it.
func TestAnImportUndoesNoChangeAtOnce(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	c := create(t, s, acme, contact.Profile{Name: "Ann"}, number("+15550001"))
	if _, err := s.BeginImport(t.Context(), acme, contact.Upload{Text: []byte("phone,stage\n+15550001,won\n")}); err != nil {
		t.Fatal(err)
	}
	before := count(t, db, acme, "outbox")
	ended := make(chan error, 1)
	err := db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE contacts SET notes = 'rang' WHERE (tenant_id, id) = ($1, $2)`, acme, c.ID); err != nil {
			return err
		}
		go func() {
			_, err := importer(s, 0).Work(t.Context())
			ended <- err
		}()
		for waits := false; !waits; { // for the contact, until this ends
			if err := tx.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)`).Scan(&waits); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Contact(t.Context(), acme, c.ID); err != nil || got.Notes != "rang" || got.Stage != "won" {
		t.Errorf("left is %+v, %v; want both changes", got, err)
	}
	if n := count(t, db, acme, "outbox") - before; n != 1 {
		t.Errorf("%d events of it, want 1", n)
	}
}
