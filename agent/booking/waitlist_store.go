package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// Wait is somebody's wish for a time that is not free now.
type Wait struct {
	ID           string // "wai_…"
	Service      ingest.ServiceID
	Staff        ingest.StaffID // empty: anybody
	Contact      ingest.ContactID
	Conversation ingest.ConversationID
	From         time.Time // a slot that begins in [From, To) would do
	To           time.Time
	Test         bool // made in the sandbox
	Status       WaitStatus
	Offer        Offer       // the last one; zero: none yet
	Offers       int         // so far
	Passed       []time.Time // beginnings of slots that were offered and not taken
	Detail       string      // why the last offer came to nothing
	CreatedAt    time.Time
	Key          string // of the request; empty: none
}

// Offer is a slot that somebody who waits was offered.
type Offer struct {
	Hold  ingest.HoldID
	Staff ingest.StaffID
	Start time.Time
	Until time.Time // while it stands; zero: it is over
}

// WaitStatus says what became of a wish.
type WaitStatus string

// Statuses of a wish.
const (
	Waiting WaitStatus = "waiting"
	Offered WaitStatus = "offered" // until Offer.Until, then it waits again
	Taken   WaitStatus = "booked"
	Left    WaitStatus = "left"
)

// Bounds of the waitlist.
const (
	MostOffers  = 3 // that are not taken; then the wish is over
	LongestWait = LongestQuery
	mostWaits   = 10 // of one contact at a time
)

// ErrWaitLimit is given to a contact who is on the waitlist as often as one may.
var ErrWaitLimit = errors.New("too many wishes on the waitlist")

const waitColumns = `w.id, w.service_id, coalesce(w.staff_id, ''), coalesce((SELECT c.merged_into FROM contacts c WHERE (c.tenant_id, c.id) = (w.tenant_id, w.contact_id)), w.contact_id),
	coalesce(w.conversation_id, ''), lower(w.wanted), upper(w.wanted), w.test, w.status, coalesce(w.hold_id, ''), coalesce(w.offered_staff_id, ''), w.offered_start, w.offered_until,
	w.offers, w.passed, w.detail, w.created_at, coalesce(w.request_key, '')`

func scanWait(row pgx.CollectableRow) (Wait, error) {
	var w Wait
	var start, until *time.Time
	err := row.Scan(&w.ID, &w.Service, &w.Staff, &w.Contact, &w.Conversation, &w.From, &w.To, &w.Test, &w.Status, &w.Offer.Hold, &w.Offer.Staff, &start, &until,
		&w.Offers, &w.Passed, &w.Detail, &w.CreatedAt, &w.Key)
	w.From, w.To, w.CreatedAt = w.From.UTC(), w.To.UTC(), w.CreatedAt.UTC()
	w.Offer.Start, w.Offer.Until = tenantdb.Time(start), tenantdb.Time(until)
	return w, err
}

// Has reports whether a slot that begins at start was offered and not taken.
func (w Wait) Has(start time.Time) bool {
	return slices.ContainsFunc(w.Passed, func(t time.Time) bool { return t.Equal(start) })
}

func (w Wait) validate() error {
	switch {
	case !w.To.After(w.From) || w.Service == "" || w.Contact == "":
		return invalid("", "a wish needs a contact, a service and a time that ends after it begins")
	case w.To.Sub(w.From) > LongestWait:
		return invalid("to", "a wish spans at most %d days", int(LongestWait/(24*time.Hour)))
	case len(w.Key) > longestKey || badText(w.Key):
		return invalid("", "a key has at most %d bytes", longestKey)
	}
	return nil
}

// AddWait puts a wish on the waitlist. ID, Status and what comes of it are given
// by the store. The same request under the same key, and a wish that its contact
// has already, is the wish that is there. ErrWaitLimit is given to a contact who
// has many, ErrPast for a time that is over.
func (s *Store) AddWait(ctx context.Context, tenant ingest.TenantID, w Wait) (Wait, error) {
	if err := w.validate(); err != nil {
		return Wait{}, err
	}
	var saved Wait
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var own int
		var over bool
		_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockKeys(tenant, []string{"waitlist " + string(w.Contact)})[0])
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT `+waitColumns+` FROM waitlist w WHERE w.tenant_id = $1 AND (w.request_key = nullif($2, '')
				OR w.contact_id = $3 AND w.service_id = $4 AND coalesce(w.staff_id, '') = $5 AND w.wanted = tstzrange($6, $7) AND w.test = $8 AND w.status IN ('waiting', 'offered'))
			ORDER BY w.created_at LIMIT 1`, tenant, w.Key, w.Contact, w.Service, string(w.Staff), w.From, w.To, w.Test)
		if err != nil {
			return err
		}
		if saved, err = pgx.CollectExactlyOneRow(rows, scanWait); !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		err = tx.QueryRow(ctx, `SELECT count(*), $3 <= coalesce($4::timestamptz, clock_timestamp()) FROM waitlist
			WHERE tenant_id = $1 AND contact_id = $2 AND status IN ('waiting', 'offered')`, tenant, w.Contact, w.To, s.clock()).Scan(&own, &over)
		switch {
		case err != nil:
			return err
		case over:
			return ErrPast
		case own >= mostWaits:
			return ErrWaitLimit
		}
		saved, err = s.insertWait(ctx, tx, tenant, w)
		return err
	})
	return saved, explain(err, "add to the waitlist")
}

func (s *Store) insertWait(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, w Wait) (Wait, error) {
	rows, err := tx.Query(ctx, `INSERT INTO waitlist AS w (tenant_id, id, service_id, staff_id, contact_id, conversation_id, wanted, test, request_key, created_at)
		SELECT $1, $2, $3, $4, c.id, $6, tstzrange($7, $8), $9, nullif($10, ''), coalesce($11::timestamptz, clock_timestamp())
		FROM contacts c WHERE (c.tenant_id, c.id) = ($1, $5) AND c.erased_at IS NULL FOR KEY SHARE RETURNING `+waitColumns,
		tenant, ingest.NewID(ingest.PrefixWait, time.Now()), w.Service, orNil(w.Staff), w.Contact, orNil(w.Conversation), w.From, w.To, w.Test, w.Key, s.clock())
	if err != nil {
		return Wait{}, err
	}
	saved, err := pgx.CollectExactlyOneRow(rows, scanWait)
	return saved, missing(err, "contact %s", w.Contact)
}

// Wait returns a wish, whatever became of it, or ErrNotFound.
func (s *Store) Wait(ctx context.Context, tenant ingest.TenantID, id string) (Wait, error) {
	found, err := tenantdb.One(ctx, s.db, tenant, scanWait, `SELECT `+waitColumns+` FROM waitlist w WHERE w.tenant_id = $1 AND w.id = $2`, tenant, id)
	return found, missing(err, "wish %s", id)
}

// WaitFilter narrows [Store.Waits]; a zero field does not.
type WaitFilter struct {
	Service ingest.ServiceID
	Contact ingest.ContactID
	Status  WaitStatus // empty: those who wait or are offered something
	Limit   int        // zero: 20; at most 100
	After   string     // the cursor that the page before gave
}

// Waits returns who waits, the first come first, and the cursor of the next
// page, empty on the last. ErrInvalid is given for a cursor that no page gave.
func (s *Store) Waits(ctx context.Context, tenant ingest.TenantID, f WaitFilter) ([]Wait, string, error) {
	if f.After != "" && !strings.HasPrefix(f.After, ingest.PrefixWait) {
		return nil, "", invalid("cursor", "cursor: give one that a page has given")
	}
	size := tenantdb.PageSize(f.Limit)
	all, err := tenantdb.List(ctx, s.db, tenant, scanWait, `SELECT `+waitColumns+` FROM waitlist w
		WHERE w.tenant_id = $1 AND ($2 = '' OR w.service_id = $2) AND ($3 = '' OR w.contact_id IN (SELECT c.id FROM contacts c WHERE c.tenant_id = $1 AND (c.id = $3 OR c.merged_into = $3)))
			AND CASE $4 WHEN '' THEN w.status IN ('waiting', 'offered') ELSE w.status = $4 END AND w.id > $5
		ORDER BY w.id LIMIT $6`, tenant, string(f.Service), string(f.Contact), string(f.Status), f.After, size+1)
	if err != nil {
		return nil, "", fmt.Errorf("list the waitlist: %w", err)
	}
	all, next := tenantdb.Page(all, size, func(w Wait) string { return w.ID })
	return all, next, nil
}

// WaitingFor returns who waits for a time about that of o, the first come
// first.
func (s *Store) WaitingFor(ctx context.Context, o Opening) ([]Wait, error) {
	all, err := tenantdb.List(ctx, s.db, o.Tenant, scanWait, `SELECT `+waitColumns+` FROM waitlist w
		WHERE w.tenant_id = $1 AND w.status = 'waiting' AND w.wanted && tstzrange($2::timestamptz - interval '24 hours', $3::timestamptz)
		ORDER BY w.created_at, w.id LIMIT 500`, o.Tenant, o.Start, o.End)
	if err != nil {
		return nil, fmt.Errorf("who waits for %s: %w", o.Source, err)
	}
	return all, nil
}

// OfferWait notes that whom w waits for is offered what h keeps, and has send
// tell them, all in the one transaction that send is given. It returns false,
// without calling send, where the wish is not what it was: another worker
// offers it something, or it is over.
func (s *Store) OfferWait(ctx context.Context, tenant ingest.TenantID, w Wait, h Hold, send func(ctx context.Context, tx pgx.Tx) error) (bool, error) {
	made := false
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE waitlist SET status = 'offered', offered_until = $4, hold_id = $5, offered_start = $6, offered_staff_id = $7, offers = offers + 1, detail = ''
			WHERE tenant_id = $1 AND id = $2 AND status = 'waiting' AND offers = $3`, tenant, w.ID, w.Offers, h.ExpiresAt, h.ID, h.Slot.Start, orNil(h.Slot.Staff))
		made = err == nil && tag.RowsAffected() == 1
		if !made {
			return err
		}
		return send(ctx, tx)
	})
	if err != nil {
		return false, fmt.Errorf("offer %s to %s: %w", h.ID, w.ID, err)
	}
	s.cfg.Wake()
	return made, nil
}

// PassWait ends an offer, by its number ([Wait].Offers), that its contact does
// not take: the slot is given back and not offered to them again. The wish stays
// on the list, but for one that has had [MostOffers]. An offer that is over
// already is none to complain of, and a later one stands.
func (s *Store) PassWait(ctx context.Context, tenant ingest.TenantID, id string, offer int) (Wait, error) {
	err := s.settle(ctx, tenant, `UPDATE waitlist SET status = CASE WHEN offers >= $4 THEN 'left' ELSE 'waiting' END,
			passed = array_append(passed, offered_start), offered_until = NULL, detail = 'declined'
		WHERE tenant_id = $1 AND id = $2 AND status = 'offered' AND offers = $3`, tenant, id, offer, MostOffers)
	if err != nil {
		return Wait{}, err
	}
	w, err := s.Wait(ctx, tenant, id)
	if err == nil && w.Offers == offer && w.Offer.Hold != "" && w.Status != Taken {
		err = s.Release(ctx, tenant, w.Offer.Hold)
	}
	return w, err
}

// NoteWait keeps why somebody who waits could not be told of a free time.
func (s *Store) NoteWait(ctx context.Context, tenant ingest.TenantID, id, why string) error {
	return s.settle(ctx, tenant, `UPDATE waitlist SET detail = $3 WHERE tenant_id = $1 AND id = $2 AND detail <> $3`, tenant, id, why)
}

// EndWait takes a wish off the waitlist: [Taken] or [Left]. What it is offered
// is given back. One that the tenant does not have, or that is off it, is
// ErrNotFound.
func (s *Store) EndWait(ctx context.Context, tenant ingest.TenantID, id string, status WaitStatus) error {
	if status != Taken && status != Left {
		return invalid("status", "a wish ends as booked or left")
	}
	var hold *ingest.HoldID
	var standing bool
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `UPDATE waitlist w SET status = $3, offered_until = NULL FROM waitlist o
			WHERE (w.tenant_id, w.id) = ($1, $2) AND w.status IN ('waiting', 'offered') AND (o.tenant_id, o.id) = (w.tenant_id, w.id)
			RETURNING o.hold_id, o.status = 'offered'`, tenant, id, status).Scan(&hold, &standing)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	if err == nil && standing && hold != nil {
		err = s.Release(ctx, tenant, *hold)
	}
	if err != nil {
		return fmt.Errorf("end wish %s: %w", id, err)
	}
	return nil
}
