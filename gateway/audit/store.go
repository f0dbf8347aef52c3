package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Entry is one object that a request changed.
type Entry struct {
	ID       string
	At       time.Time
	Actor    string // tenantdb.ByKey …
	ActorID  string // of the key
	Action   string // the operation
	Request  string
	Change   string // created, changed, deleted
	Object   string // its word: service
	ObjectID string
	Fields   []string // names of what changed
}

// Filter is what of the log is wanted; zero fields want all.
type Filter struct {
	Object   string
	ObjectID string
	Action   string
	Key      string
	Request  string
	From     time.Time // on
	To       time.Time // before
	Limit    int       // 20 unless told
	After    string    // a cursor
}

// Store reads the log from Postgres.
type Store struct{ db *tenantdb.DB }

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB) *Store { return &Store{db} }

// ErrNotFound is given for an object that the tenant's log has nothing of.
var ErrNotFound = errors.New("nothing of this object is in the audit log")

// Entries returns a page of the tenant's log, newest first, and the cursor of
// the next page. It is ErrNotFound where f names an object that the log does not
// have at all.
func (s *Store) Entries(ctx context.Context, tenant ingest.TenantID, f Filter) ([]Entry, string, error) {
	size := tenantdb.PageSize(f.Limit)
	var out []Entry
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT id, at, actor, actor_id, action, request_id, change, object, object_id, fields FROM audit_log
			WHERE tenant_id = $1 AND ($2 = '' OR id < $2) AND ($3 = '' OR object = $3) AND ($4 = '' OR object_id = $4)
				AND ($5 = '' OR action = $5) AND ($6 = '' OR actor_id = $6)
				AND ($7 = '' OR request_id = $7) AND ($8::timestamptz IS NULL OR at >= $8) AND ($9::timestamptz IS NULL OR at < $9)
			ORDER BY id DESC LIMIT $10`,
			tenant, f.After, f.Object, f.ObjectID, f.Action, f.Key, f.Request, tenantdb.OrNull(f.From), tenantdb.OrNull(f.To), size+1)
		if err != nil {
			return err
		}
		if out, err = pgx.CollectRows(rows, scanEntry); err != nil || len(out) > 0 || f.ObjectID == "" {
			return err
		}
		return known(ctx, tx, tenant, f.ObjectID)
	})
	if err != nil {
		return nil, "", fmt.Errorf("list the audit log: %w", err)
	}
	out, next := tenantdb.Page(out, size, func(e Entry) string { return e.ID })
	return out, next, nil
}

func known(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, object string) error {
	var is bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM audit_log WHERE tenant_id = $1 AND object_id = $2)`, tenant, object).Scan(&is)
	if err == nil && !is {
		err = ErrNotFound
	}
	return err
}

func scanEntry(row pgx.CollectableRow) (Entry, error) {
	var e Entry
	err := row.Scan(&e.ID, &e.At, &e.Actor, &e.ActorID, &e.Action, &e.Request, &e.Change, &e.Object, &e.ObjectID, &e.Fields)
	return e, err
}
