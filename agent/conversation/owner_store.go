package conversation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// HandOff makes a person the owner: the bot is silent until Resume. by is
// contact, bot, or the id of a key. A conversation that a person owns already
// is returned as it is.
func (s *Store) HandOff(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, reason, by string) (Conversation, error) {
	return s.change(ctx, tenant, id, ownerChange{owner: Person, event: ingest.HandoffRequested, reason: reason, by: by})
}

// Assign makes a person the owner and says which, as the business calls them.
// Assigning again gives it to another.
func (s *Store) Assign(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, assignee, by string) (Conversation, error) {
	return s.change(ctx, tenant, id, ownerChange{owner: Person, assignee: assignee, event: ingest.ConversationAssigned, reason: assignee, by: by})
}

// Resume makes the bot the owner again. A conversation that it owns already is
// returned as it is.
func (s *Store) Resume(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, by string) (Conversation, error) {
	return s.change(ctx, tenant, id, ownerChange{owner: Bot, event: ingest.ConversationResumed, by: by})
}

// Close ends a conversation; what the contact writes next opens another. A
// closed one is returned as it is.
func (s *Store) Close(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, by string) (Conversation, error) {
	return s.change(ctx, tenant, id, ownerChange{closes: true, event: ingest.ConversationClosed, by: by})
}

type ownerChange struct {
	closes     bool
	owner      Owner
	assignee   string // empty: stays, unless the bot is the owner
	event      ingest.EventType
	reason, by string
}

func (s *Store) change(ctx context.Context, tenant ingest.TenantID, id ingest.ConversationID, to ownerChange) (Conversation, error) {
	var c Conversation
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		var err error
		if c, err = one(ctx, tx, tenant, id, "FOR UPDATE"); err != nil {
			return err
		}
		switch {
		case to.closes && c.State == Closed, !to.closes && c.State == Open && c.Owner == to.owner && (to.assignee == "" || c.Assignee == to.assignee):
			return nil
		case c.State == Closed:
			return ErrClosed
		}
		if c, err = apply(ctx, tx, tenant, id, to); err != nil {
			return err
		}
		return announce(ctx, tx, tenant, c, to.event, to.reason, to.by)
	})
	if errors.Is(err, ErrClosed) {
		return c, fmt.Errorf("%s: %w", id, ErrClosed)
	}
	s.wake()
	return c, wrap(err, "change conversation %s", id)
}

func apply(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ConversationID, to ownerChange) (Conversation, error) {
	sql := `UPDATE conversations c SET owner = $3, owner_reason = $4, owner_since = now(), failures = 0, version = version + 1,
		assignee = CASE WHEN $3 = 'bot' THEN '' WHEN $5 <> '' THEN $5 ELSE assignee END`
	args := []any{tenant, id, string(to.owner), to.reason, to.assignee}
	if to.assignee != "" {
		args[3] = "assigned"
	}
	if to.closes {
		sql = `UPDATE conversations c SET state = 'closed', closed_at = now(), closed_reason = $3, version = version + 1`
		args = []any{tenant, id, to.reason}
	}
	rows, err := tx.Query(ctx, sql+` WHERE c.tenant_id = $1 AND c.id = $2 RETURNING `+Columns, args...)
	if err != nil {
		return Conversation{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scan)
}

// ChangeEvent returns the event that tells of c's change to its present version.
func ChangeEvent(tenant ingest.TenantID, c Conversation, typ ingest.EventType, reason, by string, at time.Time) (ingest.Event, error) {
	return ingest.NewEvent(typ, tenant, c.Key(tenant), at, fmt.Sprintf("%s:%d", c.ID, c.Version), ingest.ConversationChange{
		Tenant: tenant, Conversation: c.ID, Channel: c.Channel, Contact: c.Contact, Agent: c.Agent, Reason: reason, By: by, At: at.UTC(), Test: c.Test,
	})
}

func announce(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, c Conversation, typ ingest.EventType, reason, by string) error {
	e, err := ChangeEvent(tenant, c, typ, reason, by, time.Now())
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, e)
}

// Repoint is what conversations do when contacts are merged and erased. Where both have one
// open on a channel, the survivor's stays and the other is closed with the
// reason merged; what is unanswered in it still gets its turn. It is opened
// again when they come apart, and one of the survivor's that goes to the other is
// closed with the reason unmerged. Messages stand under their conversation and need
// no change. Of a person who is erased they keep that something was said, when
// and by whom, and nothing of it.
var Repoint = contact.Part{Name: "closed", Merge: closeDoubles, Unmerge: reopenDoubles, Erase: erase, Ahead: lookAhead}

func closeDoubles(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, survivor, merged ingest.ContactID) (json.RawMessage, error) {
	closed, err := changed(ctx, tx, `
		UPDATE conversations c SET state = 'closed', closed_at = now(), closed_reason = 'merged', version = version + 1
		WHERE c.tenant_id = $1 AND c.contact_id = $3 AND c.state = 'open' AND EXISTS (
			SELECT FROM conversations o
			WHERE (o.tenant_id, o.channel_id, o.contact_id, o.test) = ($1, c.channel_id, $2, c.test) AND o.state = 'open')
		RETURNING `+Columns, tenant, survivor, merged)
	if err != nil {
		return nil, err
	}
	ids := []ingest.ConversationID{}
	for _, c := range closed {
		ids = append(ids, c.ID)
		if err := announce(ctx, tx, tenant, c, ingest.ConversationClosed, "merged", "contact"); err != nil {
			return nil, err
		}
	}
	// Counted up, so that a turn in hand sees that something changed.
	if _, err := tx.Exec(ctx, `UPDATE conversations SET contact_id = $2, version = version + 1 WHERE tenant_id = $1 AND contact_id = $3`, tenant, survivor, merged); err != nil {
		return nil, err
	}
	return json.Marshal(ids)
}

// reopenDoubles opens what closeDoubles closed, unless the contact has begun
// another conversation there since.
func reopenDoubles(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, holder, merged ingest.ContactID, did json.RawMessage) error {
	var ids []string
	if err := json.Unmarshal(did, &ids); err != nil {
		return err
	}
	if err := closeStrange(ctx, tx, tenant, holder, merged); err != nil {
		return err
	}
	opened, err := changed(ctx, tx, `
		UPDATE conversations c SET state = 'open', closed_at = NULL, closed_reason = '', version = version + 1
		WHERE c.tenant_id = $1 AND c.id = ANY($3) AND c.contact_id = $2 AND c.state = 'closed' AND c.closed_reason = 'merged' AND NOT EXISTS (
			SELECT FROM conversations o
			WHERE (o.tenant_id, o.channel_id, o.contact_id, o.test) = ($1, c.channel_id, $2, c.test) AND o.state = 'open')
		RETURNING `+Columns, tenant, merged, ids)
	if err != nil {
		return err
	}
	for _, c := range opened {
		if err := announce(ctx, tx, tenant, c, ingest.ConversationOpened, "unmerged", "api"); err != nil {
			return err
		}
	}
	return nil
}

// closeStrange closes the open conversations of holder whose party is merged,
// who has their identifiers back: what is said there would go to merged.
func closeStrange(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, holder, merged ingest.ContactID) error {
	rows, err := tx.Query(ctx, `SELECT kind, value FROM contact_identifiers WHERE tenant_id = $1 AND contact_id = $2`, tenant, merged)
	if err != nil {
		return err
	}
	back, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ingest.Identifier])
	if err != nil || len(back) == 0 {
		return err
	}
	open, err := changed(ctx, tx, `SELECT `+Columns+` FROM conversations c WHERE c.tenant_id = $1 AND c.contact_id = $2 AND c.state = 'open' ORDER BY c.id FOR UPDATE`, tenant, holder)
	if err != nil {
		return err
	}
	for _, c := range open {
		if !slices.ContainsFunc(c.Party.Identifiers, func(i ingest.Identifier) bool { return slices.Contains(back, i) }) {
			continue
		}
		if c, err = apply(ctx, tx, tenant, c.ID, ownerChange{closes: true, reason: "unmerged"}); err != nil {
			return err
		}
		if err := announce(ctx, tx, tenant, c, ingest.ConversationClosed, "unmerged", "api"); err != nil {
			return err
		}
	}
	return nil
}

func changed(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]Conversation, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}
