package booking

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Config says how a store works.
type Config struct {
	// Now is the time that notice, horizon, holds and reminders go by; nil
	// means the database's clock, which all replicas share.
	Now func() time.Time
	// Wake is called after each transaction that wrote to the outbox; nil
	// leaves that to the relay's poll.
	Wake func()

	unlocked bool // takes no advisory locks: for the test that shows what they are for
}

// Store keeps the catalogue, holds and appointments. It is safe for concurrent
// use.
type Store struct {
	db    *tenantdb.DB
	cfg   Config
	zones sync.Map // name to *time.Location: loading one reads a file

	reopened atomic.Pointer[time.Time] // up to when [Store.Reopen] has looked at holds
}

// NewStore returns a store on db.
func NewStore(db *tenantdb.DB, cfg Config) *Store {
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	return &Store{db: db, cfg: cfg}
}

// clock is what goes into coalesce($n, clock_timestamp()).
func (s *Store) clock() *time.Time {
	if s.cfg.Now == nil {
		return nil
	}
	now := s.cfg.Now()
	return &now
}

// zone returns the zone of that name, UTC for one that is not known.
func (s *Store) zone(name string) *time.Location {
	if z, ok := s.zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		z = time.UTC
	}
	s.zones.Store(name, z)
	return z
}

// lock queues the advisory locks of subjects, in the order that all follow.
// They last until the end of the transaction.
func (s *Store) lock(b *pgx.Batch, tenant ingest.TenantID, subjects []string) {
	if s.cfg.unlocked || len(subjects) == 0 {
		return
	}
	b.Queue(`SELECT pg_advisory_xact_lock(k) FROM unnest($1::bigint[]) AS k`, lockKeys(tenant, subjects))
}

func lockKeys(tenant ingest.TenantID, subjects []string) []int64 {
	keys := make([]int64, len(subjects))
	for i, subject := range subjects {
		h := fnv.New64a()
		_, _ = h.Write([]byte("booking\x00" + string(tenant) + "\x00" + subject)) // never fails
		keys[i] = int64(h.Sum64())
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// missing turns a row that is not there into ErrNotFound, and says what was
// attempted.
func missing(err error, format string, args ...any) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		err = ErrNotFound
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// absent are the foreign keys of what a request names: where one is broken, it
// names what the tenant does not have.
var absent = []struct{ constraint, what string }{
	{"appointments_contact", "contact"}, {"appointments_conversation", "conversation"},
	{"holds_contact", "contact"}, {"holds_conversation", "conversation"},
	{"waitlist_contact", "contact"}, {"waitlist_conversation", "conversation"},
	{"waitlist_service", "service"}, {"waitlist_staff", "staff member"},
	{"service_staff_staff", "staff member"}, {"service_resources_resource", "resource"}, {"staff_busy_staff", "staff member"},
}

// named turns a broken foreign key into ErrNotFound.
func named(err error) error {
	for _, a := range absent {
		if tenantdb.Violates(err, a.constraint) {
			return fmt.Errorf("%s: %w", a.what, ErrNotFound)
		}
	}
	return err
}

func orNil[T ~string](id T) *string {
	if id == "" {
		return nil
	}
	text := string(id)
	return &text
}

func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func strs[T ~string](ids []T) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

func minutes(d time.Duration) int { return int(d / time.Minute) }
