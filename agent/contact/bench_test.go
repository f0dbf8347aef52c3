package contact_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// BenchmarkContacts finds contacts among a hundred thousand, with another tenant
// of as many beside. p99 is of single lookups, one after the other.
func BenchmarkContacts(b *testing.B) {
	const many = 100_000
	url := schematest.PostgresURL(b)
	db, shut, err := schema.OpenPostgres(b.Context(), schema.Config{URL: url, MaxConns: 2, MaxSystemConns: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(shut)
	s := contact.NewStore(db)
	seed(b, db, many)
	settle(b, url)
	for _, bb := range []struct {
		name   string
		filter func(i int) contact.Filter
	}{
		{"newest", func(int) contact.Filter { return contact.Filter{} }},
		{"by name", func(int) contact.Filter { return contact.Filter{Sort: contact.ByName} }},
		{"one word of many", func(int) contact.Filter { return contact.Filter{Query: "maria"} }},
		{"two words", func(int) contact.Filter { return contact.Filter{Query: "maria nunez"} }},
		{"a rare word", func(i int) contact.Filter { return contact.Filter{Query: fmt.Sprintf("user%d@", 1+i%many)} }},
		{"two letters", func(int) contact.Filter { return contact.Filter{Query: "lu"} }},
		{"nobody", func(int) contact.Filter { return contact.Filter{Query: "zzzz"} }},
		{"a part of a number", func(i int) contact.Filter { return contact.Filter{Query: fmt.Sprintf("%06d", i%many)} }},
		{"a number", func(i int) contact.Filter { return contact.Filter{Identifier: fmt.Sprintf("+1415%07d", 1+i%many)} }},
		{"an address", func(i int) contact.Filter { return contact.Filter{Email: fmt.Sprintf("user%d@example.com", 1+i%many)} }},
		{"segment", func(int) contact.Filter { return contact.Filter{Segment: contact.VIP} }},
		{"stage and tag", func(int) contact.Filter { return contact.Filter{Stage: "won", Tag: "gold"} }},
		{"tag oldest first", func(int) contact.Filter { return contact.Filter{Tag: "gold", Sort: contact.Oldest} }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				if _, _, err := s.Contacts(b.Context(), acme, bb.filter(i*7919)); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// BenchmarkImport reads in a table of ten thousand rows.
func BenchmarkImport(b *testing.B) {
	const rows = 10_000
	var text strings.Builder
	text.WriteString("phone,name,email,tags,fields.size\n")
	for i := range rows {
		fmt.Fprintf(&text, "+1415%07d,Maria Santos %d,user%d@example.com,a;b,M\n", i, i, i)
	}
	for b.Loop() {
		b.StopTimer()
		s := contact.NewStore(schematest.Postgres(b))
		if _, err := s.BeginImport(b.Context(), acme, contact.Upload{Text: []byte(text.String())}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := importer(s, 0).Work(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// settle does what autovacuum does within a minute.
func settle(b *testing.B, url string) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(b.Context()) }()
	for _, table := range []string{"contacts", "contact_identifiers"} {
		if _, err := conn.Exec(b.Context(), "VACUUM ANALYZE "+table); err != nil {
			b.Fatal(err)
		}
	}
}

// seed makes many contacts of each of two tenants.
func seed(b *testing.B, db *tenantdb.DB, many int) {
	b.Helper()
	const step = 10_000
	for n := range 2 * many / step { // a statement may take some seconds, no more
		tenant, from := []ingest.TenantID{acme, globex}[n%2], n/2*step+1
		err := db.InTenant(b.Context(), tenant, func(tx pgx.Tx) error {
			for _, sql := range []string{
				`INSERT INTO contacts (tenant_id, id, number, name, email, segment, stage, tags)
				SELECT $1, 'con_' || $1 || lpad(i::text, 8, '0'), i,
					(ARRAY['Maria','José','Ann','Luis','Chen','Fatima','Olga','Peter','Ines','Amir'])[1 + i % 10] || ' ' || (ARRAY['Santos','Núñez','Lee','Okafor','Schmidt','Rossi','Silva','Novak'])[1 + i / 10 % 8] || ' ' || md5(i::text),
					'user' || i || '@example.com', CASE WHEN i % 50 = 0 THEN 'vip' ELSE 'lead' END, CASE WHEN i % 100 = 0 THEN 'won' ELSE '' END,
					CASE WHEN i % 200 = 0 THEN ARRAY['gold'] ELSE '{}' END
				FROM generate_series($2::int, $3::int) i`,
				`INSERT INTO contact_identifiers (tenant_id, kind, value, contact_id)
				SELECT $1, 'phone', '+1415' || lpad(i::text, 7, '0'), 'con_' || $1 || lpad(i::text, 8, '0') FROM generate_series($2::int, $3::int) i`,
			} {
				if _, err := tx.Exec(b.Context(), sql, tenant, from, from+step-1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
