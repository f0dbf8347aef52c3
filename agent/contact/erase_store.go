package contact

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// PrefixErasure starts the id of a receipt.
const PrefixErasure = "era_"

// Receipt says that a person was erased, when, and how many rows of what went.
// It does not say who they were.
type Receipt struct {
	ID      string
	Number  int64            // counts up within the tenant
	Contact ingest.ContactID // the id means nobody any more
	By      string           // the key that asked
	Counts  map[string]int64 // by what it was
	Hash    []byte           // SHA-256 over the receipt before and this one
	At      time.Time
}

// ErrNoReceipt is given for a receipt that the tenant does not have.
var ErrNoReceipt = errors.New("no such receipt of an erasure")

// Erase removes a contact, all that were merged into it, and what the parts keep
// of them; what others refer to stays as an empty row. It cannot be undone. Of
// what the contact allowed every no is kept under a keyed hash of each
// identifier and holds again should somebody come back under it; so is the time,
// by which notices from before are known. A contact that
// was erased is ErrNotFound.
func (s *Store) Erase(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, by string) (Receipt, error) {
	var r Receipt
	ahead, gone, err := s.eraseAhead(ctx, tenant, id)
	if err != nil {
		return r, explain(err, "erase contact %s", id)
	}
	err = s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		// The lock of all who make, identify and merge contacts; see Resolve.
		if _, err := tx.Exec(ctx, nextContact, tenant, 0); err != nil {
			return err
		}
		at, err := head(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		traces, err := tracesOf(ctx, tx, tenant, at, " ORDER BY id FOR UPDATE")
		if err != nil {
			return err
		}
		traces.Ahead = ahead
		counts, err := s.eraseParts(ctx, tx, tenant, traces)
		if err != nil {
			return err
		}
		add(counts, gone)
		if err := s.keepTimes(ctx, tx, tenant, traces); err != nil {
			return err
		}
		if err := s.eraseRows(ctx, tx, tenant, traces, counts); err != nil {
			return err
		}
		r, err = receipt(ctx, tx, tenant, at, by, counts)
		return err
	})
	return r, explain(err, "erase contact %s", id)
}

// eraseAhead has the parts remove what takes long while nothing is locked, and
// returns what was known of the person then, and how many rows of what went.
func (s *Store) eraseAhead(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) (*ingest.Traces, map[string]int64, error) {
	var t *ingest.Traces
	counts := map[string]int64{}
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		at, err := head(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if t, err = tracesOf(ctx, tx, tenant, at, ""); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT now()`).Scan(&t.At)
	})
	if err != nil {
		return nil, nil, err
	}
	for _, part := range s.parts {
		if part.Ahead == nil {
			continue
		}
		for after, begun := "", false; !begun || after != ""; begun = true {
			var gone map[string]int64
			err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
				return unaudited(ctx, tx, func() (err error) {
					after, gone, err = part.Ahead(ctx, tx, tenant, t, after)
					return err
				})
			})
			if err != nil {
				return nil, nil, fmt.Errorf("erase %s ahead: %w", part.Name, err)
			}
			add(counts, gone)
		}
	}
	return t, counts, nil
}

// add adds more to counts.
func add(counts, more map[string]int64) {
	for name, n := range more {
		counts[name] += n
	}
}

// tracesOf returns by what a person is found. lock is "" or a locking clause.
func tracesOf(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID, lock string) (*ingest.Traces, error) {
	t := &ingest.Traces{}
	rows, err := tx.Query(ctx, `SELECT id FROM contacts WHERE tenant_id = $1 AND (id = $2 OR merged_into = $2)`+lock, tenant, id)
	if err != nil {
		return nil, err
	}
	if t.Contacts, err = pgx.CollectRows(rows, pgx.RowTo[ingest.ContactID]); err != nil {
		return nil, err
	}
	t.Identifiers, err = identified(ctx, tx, `SELECT kind, value FROM contact_identifiers WHERE tenant_id = $1 AND (contact_id = ANY($2) OR former_contact_id = ANY($2))`, tenant, t.Contacts)
	if err != nil {
		return nil, err
	}
	t.Present, err = identified(ctx, tx, `SELECT kind, value FROM contact_identifiers WHERE tenant_id = $1 AND contact_id = ANY($2) AND retired_at IS NULL`, tenant, t.Contacts)
	return t, err
}

// eraseParts has every part remove what it keeps. The audit log is told of the
// contact that is erased, not of each message.
func (s *Store) eraseParts(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) (map[string]int64, error) {
	counts := map[string]int64{}
	return counts, unaudited(ctx, tx, func() error {
		for _, part := range s.parts {
			if part.Erase == nil {
				continue
			}
			gone, err := part.Erase(ctx, tx, tenant, t)
			if err != nil {
				return fmt.Errorf("erase %s: %w", part.Name, err)
			}
			add(counts, gone)
		}
		return nil
	})
}

// unaudited has do work on nobody's behalf.
func unaudited(ctx context.Context, tx pgx.Tx, do func() error) error {
	var actor string
	err := tx.QueryRow(ctx, `WITH was AS MATERIALIZED (SELECT coalesce(current_setting('app.actor', true), '') AS actor)
		SELECT actor FROM was, LATERAL set_config('app.actor', left(actor, 0), true)`).Scan(&actor)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `SELECT set_config('app.actor', $1, true)`, actor)
	return err
}

// eraseRows empties what this package has of the person.
func (s *Store) eraseRows(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces, counts map[string]int64) error {
	if err := s.keepWishes(ctx, tx, tenant, t); err != nil {
		return err
	}
	for _, step := range []struct{ name, sql string }{
		{"identifiers", `DELETE FROM contact_identifiers WHERE tenant_id = $1 AND contact_id = ANY($2)`},
		{"", `UPDATE contact_identifiers SET former_contact_id = NULL, former_until = NULL WHERE tenant_id = $1 AND former_contact_id = ANY($2)`},
		{"preferences", `DELETE FROM contact_preferences WHERE tenant_id = $1 AND contact_id = ANY($2)`},
		{"history", `DELETE FROM contact_history WHERE tenant_id = $1 AND contact_id = ANY($2)`},
		{"history", `DELETE FROM contact_history WHERE tenant_id = $1 AND kind IN ('merged', 'unmerged') AND (detail->>'merged' = ANY($2) OR detail->>'unmerged' = ANY($2))`},
		{"merges", `DELETE FROM contact_merges WHERE tenant_id = $1 AND (survivor_id = ANY($2) OR merged_id = ANY($2))`},
		{"contacts", `UPDATE contacts SET name = '', name_at = 'epoch', username = '', language = '', email = '', notes = '', tags = '{}', fields = '{}', segment = 'lead',
			stage = '', source = '', request_key = NULL, erased_at = now(), updated_at = now() WHERE tenant_id = $1 AND id = ANY($2)`},
	} {
		tag, err := tx.Exec(ctx, step.sql, tenant, t.Contacts)
		if err != nil {
			return fmt.Errorf("erase %s: %w", step.name, err)
		}
		if step.name != "" {
			counts[step.name] += tag.RowsAffected()
		}
	}
	return nil
}

// keepWishes keeps what the person did not want. What was kept of an earlier
// erasure and they have allowed since is forgotten.
func (s *Store) keepWishes(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) error {
	var hashes, all [][]byte
	for _, ident := range t.Identifiers {
		known := s.hashes(tenant, ident)
		hashes, all = append(hashes, known[0]), append(all, known...)
	}
	var b pgx.Batch
	b.Queue(`DELETE FROM erased_wishes WHERE tenant_id = $1 AND identifier = ANY($2)`, tenant, all)
	b.Queue(`
		INSERT INTO erased_wishes (tenant_id, identifier, channel_id, category, source, at)
		SELECT p.tenant_id, h.identifier, p.channel_id, p.category, p.source, max(p.at)
		FROM contact_preferences p CROSS JOIN (SELECT DISTINCT unnest($3::bytea[])) h (identifier)
		WHERE p.tenant_id = $1 AND p.contact_id = ANY($2) AND NOT p.allowed
		GROUP BY 1, 2, 3, 4, 5 ON CONFLICT DO NOTHING`, tenant, t.Contacts, hashes)
	return tx.SendBatch(ctx, &b).Close()
}

// keepTimes keeps when the person's identifiers were erased; one that is
// somebody else's now is not theirs.
func (s *Store) keepTimes(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, t *ingest.Traces) error {
	own, err := identified(ctx, tx, `SELECT kind, value FROM contact_identifiers WHERE tenant_id = $1 AND contact_id = ANY($2)`, tenant, t.Contacts)
	if err != nil {
		return err
	}
	var hashes [][]byte
	for _, ident := range own {
		hashes = append(hashes, s.hashes(tenant, ident)[0])
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO erased_identifiers AS e (tenant_id, identifier, at) SELECT DISTINCT $1, h, clock_timestamp() FROM unnest($2::bytea[]) h
		ON CONFLICT (tenant_id, identifier) DO UPDATE SET at = greatest(e.at, excluded.at)`, tenant, hashes)
	return err
}

// QueueErased adds to a batch that runs as the tenant when the person of each of
// parties was erased last, by any of their identifiers; zero for nobody. The
// result is there when the batch's results have been read.
func (s *Store) QueueErased(b *pgx.Batch, tenant ingest.TenantID, parties []ingest.Party) []time.Time {
	out := make([]time.Time, len(parties))
	var hashes [][]byte
	var places []int32
	for i, p := range parties {
		for _, ident := range p.Identifiers {
			for _, hash := range s.hashes(tenant, ident) {
				hashes, places = append(hashes, hash), append(places, int32(i))
			}
		}
	}
	if len(hashes) == 0 {
		return out
	}
	b.Queue(`
		SELECT d.place, e.at FROM unnest($2::bytea[], $3::int[]) AS d (hash, place)
		CROSS JOIN LATERAL (SELECT * FROM erased_identifiers WHERE (tenant_id, identifier) = ($1, d.hash) OFFSET 0) e`, tenant, hashes, places).Query(func(rows pgx.Rows) error {
		var place int32
		var at time.Time
		_, err := pgx.ForEachRow(rows, []any{&place, &at}, func() error {
			if at.After(out[place]) {
				out[place] = at
			}
			return nil
		})
		return err
	})
	return out
}

// hashes returns the keyed hashes of an identifier, that of the key in use first.
func (s *Store) hashes(tenant ingest.TenantID, ident ingest.Identifier) [][]byte {
	for _, part := range s.parts {
		if part.Hash != nil {
			return part.Hash("erased identifier", string(tenant), string(ident.Kind), ident.Value)
		}
	}
	sum := sha256.Sum256([]byte(string(tenant) + "|" + string(ident.Kind) + "|" + ident.Value))
	return [][]byte{sum[:]}
}

// queueWishes gives the contacts of identifiers what a person who was erased
// under one of them did not want.
func (s *Store) queueWishes(b *pgx.Batch, tenant ingest.TenantID, owners map[ingest.Identifier]ingest.ContactID) {
	var hashes [][]byte
	var contacts []string
	for ident, owner := range owners {
		for _, hash := range s.hashes(tenant, ident) {
			hashes, contacts = append(hashes, hash), append(contacts, string(owner))
		}
	}
	if len(hashes) == 0 {
		return
	}
	b.Queue(`
		INSERT INTO contact_preferences AS p (tenant_id, contact_id, channel_id, category, allowed, source, at)
		SELECT $1, d.contact, e.channel_id, e.category, false, min(e.source), max(e.at)
		FROM unnest($2::bytea[], $3::text[]) AS d (hash, contact)
		CROSS JOIN LATERAL (SELECT * FROM erased_wishes WHERE (tenant_id, identifier) = ($1, d.hash) OFFSET 0) e
		GROUP BY d.contact, e.channel_id, e.category
		ON CONFLICT (tenant_id, contact_id, channel_id, category) DO UPDATE SET allowed = false, source = excluded.source, at = excluded.at
			WHERE excluded.at >= p.at`, tenant, hashes, contacts)
}

// receipt writes the receipt of an erasure.
func receipt(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID, by string, counts map[string]int64) (Receipt, error) {
	r := Receipt{ID: ingest.NewID(PrefixErasure, time.Now()), Contact: id, By: by, Counts: counts}
	var before []byte
	err := tx.QueryRow(ctx, `SELECT now(), frontdesk_next_number($1, 'erasure'), coalesce((SELECT hash FROM contact_erasures WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1), '')`, tenant).
		Scan(&r.At, &r.Number, &before)
	if err != nil {
		return r, err
	}
	r.At = r.At.UTC()
	if r.Hash, err = r.sum(before); err != nil {
		return r, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_erasures (tenant_id, id, number, contact_id, actor, counts, hash, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tenant, r.ID, r.Number, r.Contact, r.By, r.Counts, r.Hash, r.At)
	return r, err
}

// sum is the hash of r after the receipt whose hash is before, which is empty
// for the first.
func (r Receipt) sum(before []byte) ([]byte, error) {
	counts, err := json.Marshal(r.Counts) // sorted by name
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%x\n%s\n%d\n%s\n%s\n%s\n%s", before, r.ID, r.Number, r.Contact, r.By, counts, r.At.UTC().Format(time.RFC3339Nano)))
	return sum[:], nil
}

// Receipts returns the receipts of erasures, newest first, and the cursor of the
// next page, empty on the last.
func (s *Store) Receipts(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]Receipt, string, error) {
	size := tenantdb.PageSize(limit)
	list, err := s.receipts(ctx, tenant, `($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, after, size+1)
	list, next := tenantdb.Page(list, size, func(r Receipt) string { return r.ID })
	return list, next, err
}

// Receipt returns a receipt, or ErrNoReceipt.
func (s *Store) Receipt(ctx context.Context, tenant ingest.TenantID, id string) (Receipt, error) {
	list, err := s.receipts(ctx, tenant, `id = $2`, id)
	if err == nil && len(list) == 0 {
		err = ErrNoReceipt
	}
	if err != nil {
		return Receipt{}, err
	}
	return list[0], nil
}

func (s *Store) receipts(ctx context.Context, tenant ingest.TenantID, where string, args ...any) ([]Receipt, error) {
	list, err := tenantdb.List(ctx, s.db, tenant, pgx.RowToStructByPos[Receipt],
		`SELECT id, number, contact_id, actor, counts, hash, at FROM contact_erasures WHERE tenant_id = $1 AND `+where, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("receipts of erasures: %w", err)
	}
	return list, nil
}
