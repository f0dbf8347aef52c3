package contact

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Looked is what was found of people by their identifiers.
type Looked struct{ book *book }

// QueueLook adds looking seen up to a batch that runs as the tenant; the result
// is there when the batch's results have been read.
func QueueLook(b *pgx.Batch, tenant ingest.TenantID, seen []Seen) *Looked {
	found := &Looked{}
	queueLoad(b, tenant, seen, &found.book)
	return found
}

// Known returns who each of seen is, as far as nothing has to be written for
// it; the others are zero and [Store.ResolveLooked] settles them.
func (l *Looked) Known(seen []Seen) []Resolved {
	out := make([]Resolved, len(seen))
	for i, one := range seen {
		out[i], _ = l.book.settled(one)
	}
	return out
}

// Resolve returns who each of seen is, in their order, after it has made the
// contacts that are new, added the identifiers that are, and merged contacts
// that are shown to be one. Each must have an identifier, else ErrNoIdentifier.
//
// Within a tenant one transaction at a time does this: the tenant's counter of
// contacts is the lock, held until tx ends.
func (s *Store) Resolve(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, seen []Seen) ([]Resolved, error) {
	var batch pgx.Batch
	looked := QueueLook(&batch, tenant, seen)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("look up identifiers: %w", err)
	}
	var last pgx.Batch
	out, _, err := s.ResolveLooked(ctx, tx, &last, tenant, looked, seen)
	if err == nil && last.Len() > 0 {
		err = tx.SendBatch(ctx, &last).Close()
	}
	return out, err
}

// ResolveLooked is [Store.Resolve] for those who have looked all of seen up in
// the same transaction. It also returns the contacts that it made, of whom
// nobody else can know before tx ends. What it writes is added to last, which
// the caller sends in the same transaction, unless contacts were merged: then it
// is written when it returns, and nobody was made for good.
func (s *Store) ResolveLooked(ctx context.Context, tx pgx.Tx, last *pgx.Batch, tenant ingest.TenantID, looked *Looked, seen []Seen) ([]Resolved, []ingest.ContactID, error) {
	for _, one := range seen {
		if len(identifiers(one)) == 0 {
			return nil, nil, ErrNoIdentifier
		}
	}
	if out, ok := looked.book.all(seen); ok {
		return out, nil, nil
	}
	// The lock first; then again what others wrote until it was ours.
	taken := numbers{count: looked.book.births(seen)}
	var b *book
	var batch pgx.Batch
	batch.Queue(nextContact, tenant, taken.count).QueryRow(func(row pgx.Row) error { return row.Scan(&taken.last) })
	queueLoad(&batch, tenant, seen, &b)
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, nil, fmt.Errorf("number contacts: %w", err)
	}
	out, born := b.run(seen)
	if more := len(born) - taken.count; more > 0 {
		if err := tx.QueryRow(ctx, nextContact, tenant, more).Scan(&taken.last); err != nil {
			return nil, nil, fmt.Errorf("number contacts: %w", err)
		}
		taken.count += more
	}
	for i, id := range born {
		b.people[id].number = taken.last - int64(taken.count) + 1 + int64(i)
	}
	if len(b.merges) == 0 {
		return out, born, s.queueWrites(last, tenant, b, born)
	}
	if err := s.write(ctx, tx, tenant, b, born); err != nil {
		return nil, nil, fmt.Errorf("resolve contacts: %w", err)
	}
	return out, nil, nil
}

const nextContact = `SELECT frontdesk_next_number($1, 'contact', $2)`

func identifiers(s Seen) []ingest.Identifier {
	if s.Change == nil {
		return s.Party.Identifiers
	}
	return union(union(s.Party.Identifiers, s.Change.Previous), s.Change.Current)
}

func (b *book) all(seen []Seen) ([]Resolved, bool) {
	out := make([]Resolved, len(seen))
	for i, one := range seen {
		var ok bool
		if out[i], ok = b.settled(one); !ok {
			return nil, false
		}
	}
	return out, true
}

// births returns how many contacts would be made for seen. It spoils b.
func (b *book) births(seen []Seen) int {
	_, born := b.run(seen)
	return len(born)
}

// unborn is more than any number given out, so that a new contact is younger
// than every stored one.
const unborn = int64(1) << 62

func (b *book) run(seen []Seen) (out []Resolved, born []ingest.ContactID) {
	now := time.Now()
	b.born = func() (ingest.ContactID, int64) {
		id := ingest.ContactID(ingest.NewID(ingest.PrefixContact, now))
		born = append(born, id)
		return id, unborn + int64(len(born))
	}
	out = make([]Resolved, len(seen))
	for i, one := range seen {
		out[i] = b.resolve(one)
	}
	for i := range out { // a later one may have merged an earlier one's contact
		for _, m := range b.merges {
			if out[i].ID == m.merged {
				out[i].ID = m.survivor
			}
		}
	}
	return out, born
}

// numbers is a run of numbers that ends with last.
type numbers struct {
	last  int64
	count int
}

func queueLoad(batch *pgx.Batch, tenant ingest.TenantID, seen []Seen, to **book) {
	kinds, values := make([]string, 0, 2*len(seen)), make([]string, 0, 2*len(seen))
	for _, one := range seen {
		for _, ident := range identifiers(one) {
			kinds, values = append(kinds, string(ident.Kind)), append(values, ident.Value)
		}
	}
	batch.Queue(`
		SELECT i.kind, i.value, i.contact_id, i.retired_at, coalesce(i.former_contact_id, ''), i.former_until, c.id, c.number, c.name, c.username, c.name_at, c.language
		FROM unnest($2::text[], $3::text[]) AS d (kind, value)
		CROSS JOIN LATERAL (SELECT * FROM contact_identifiers WHERE (tenant_id, kind, value) = ($1, d.kind, d.value) OFFSET 0) i
		CROSS JOIN LATERAL unnest(ARRAY[i.contact_id, i.former_contact_id]) AS o (id)
		CROSS JOIN LATERAL (SELECT * FROM contacts WHERE (tenant_id, id) = ($1, o.id) OFFSET 0) c`, tenant, kinds, values).Query(func(rows pgx.Rows) error {
		var err error
		*to, err = readBook(rows)
		return err
	})
}

func readBook(rows pgx.Rows) (*book, error) {
	b := newBook()
	var ident ingest.Identifier
	var id ingest.ContactID
	var p person
	var e entry
	var retired, until *time.Time
	into := []any{&ident.Kind, &ident.Value, &e.contact, &retired, &e.former, &until, &id, &p.number, &p.name, &p.username, &p.nameAt, &p.language}
	_, err := pgx.ForEachRow(rows, into, func() error {
		e.retired, e.until = tenantdb.Time(retired), tenantdb.Time(until)
		b.known[ident] = e
		if b.people[id] == nil {
			copied := p
			b.people[id] = &copied
		}
		return nil
	})
	return b, err
}

func (s *Store) write(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, b *book, born []ingest.ContactID) error {
	var batch pgx.Batch
	if err := s.queueWrites(&batch, tenant, b, born); err != nil {
		return err
	}
	if batch.Len() > 0 {
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return err
		}
	}
	for _, m := range b.merges {
		if err := s.merge(ctx, tx, tenant, m, "contact"); err != nil {
			return err
		}
	}
	return nil
}

// queueWrites adds all that b has to write but merges.
func (s *Store) queueWrites(batch *pgx.Batch, tenant ingest.TenantID, b *book, born []ingest.ContactID) error {
	if err := queueBirths(batch, tenant, b, born); err != nil {
		return err
	}
	queueNames(batch, tenant, b)
	queueIdentifiers(batch, tenant, b)
	owners := map[ingest.Identifier]ingest.ContactID{}
	for ident, e := range b.changed {
		owners[ident] = e.contact
	}
	s.queueWishes(batch, tenant, owners)
	for _, r := range b.rekeys {
		detail, err := json.Marshal(map[string]any{"identifier": r.left, "at": r.at.UTC()})
		if err != nil {
			return err
		}
		batch.Queue(`INSERT INTO contact_history (tenant_id, contact_id, kind, detail) VALUES ($1, $2, $3, $4)`, tenant, r.contact, r.kind, detail)
	}
	return nil
}

// queueBirths adds the contacts that were made, and announces them.
func queueBirths(batch *pgx.Batch, tenant ingest.TenantID, b *book, born []ingest.ContactID) error {
	if len(born) == 0 {
		return nil
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	parties := b.newcomers()
	var events []ingest.Event
	var ids, names, usernames []string
	var at []time.Time
	var count []int64
	for _, id := range born {
		p := b.people[id]
		ids, names, usernames = append(ids, string(id)), append(names, p.name), append(usernames, p.username)
		at, count = append(at, p.nameAt), append(count, p.number)
		p.renamed = false
		e, err := created(tenant, id, p.number, parties[id], now)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	batch.Queue(`
		INSERT INTO contacts (tenant_id, id, number, name, username, name_at)
		SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])`,
		tenant, ids, count, names, usernames, at)
	return outbox.Queue(batch, ingest.TopicEvents, events...)
}

func queueNames(batch *pgx.Batch, tenant ingest.TenantID, b *book) {
	for id, p := range b.people {
		if p.renamed {
			batch.Queue(`UPDATE contacts SET name = $3, username = $4, name_at = $5, updated_at = now() WHERE tenant_id = $1 AND id = $2`,
				tenant, id, p.name, p.username, p.nameAt)
		}
	}
}

func queueIdentifiers(batch *pgx.Batch, tenant ingest.TenantID, b *book) {
	if len(b.changed) == 0 {
		return
	}
	var kinds, values, contacts, formers []string
	var retired, until []*time.Time
	for ident, e := range b.changed {
		kinds, values = append(kinds, string(ident.Kind)), append(values, ident.Value)
		contacts, formers = append(contacts, string(e.contact)), append(formers, string(e.former))
		retired, until = append(retired, tenantdb.OrNull(e.retired)), append(until, tenantdb.OrNull(e.until))
	}
	batch.Queue(`
		INSERT INTO contact_identifiers AS i (tenant_id, kind, value, contact_id, retired_at, former_contact_id, former_until)
		SELECT $1, d.kind, d.value, d.contact, d.retired, nullif(d.former, ''), d.until
		FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::timestamptz[]) AS d (kind, value, contact, retired, former, until)
		ON CONFLICT (tenant_id, kind, value) DO UPDATE SET contact_id = excluded.contact_id, retired_at = excluded.retired_at,
			former_contact_id = excluded.former_contact_id, former_until = excluded.former_until`,
		tenant, kinds, values, contacts, retired, formers, until)
}

// SetLanguages records the language that contacts write in.
func (s *Store) SetLanguages(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, languages map[ingest.ContactID]string) error {
	var batch pgx.Batch
	if QueueLanguages(&batch, tenant, languages); batch.Len() == 0 {
		return nil
	}
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("set languages: %w", err)
	}
	return nil
}

// QueueLanguages is [Store.SetLanguages] as part of a batch.
func QueueLanguages(b *pgx.Batch, tenant ingest.TenantID, languages map[ingest.ContactID]string) {
	if len(languages) == 0 {
		return
	}
	ids := slices.Sorted(maps.Keys(languages))
	written := make([]string, len(ids))
	for i, id := range ids {
		written[i] = languages[id]
	}
	b.Queue(`
		UPDATE contacts c SET language = d.language, updated_at = now()
		FROM unnest($2::text[], $3::text[]) AS d (id, language)
		WHERE (c.tenant_id, c.id) = ($1, d.id) AND c.language <> d.language`, tenant, ids, written)
}
