package contact

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// Create makes a contact. It is *[InvalidError] for a value that cannot be and
// *[TakenError] where an identifier is somebody's already. The same request key
// again returns the contact made the first time, as it is now.
func (s *Store) Create(ctx context.Context, tenant ingest.TenantID, d Draft) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		if d.RequestKey != "" {
			// The counter is the lock of all who make contacts; see Resolve.
			if _, err := tx.Exec(ctx, nextContact, tenant, 0); err != nil {
				return err
			}
			var err error
			if c, err = find(ctx, tx, `c.request_key = $2`, tenant, d.RequestKey); !errors.Is(err, ErrNotFound) {
				return err
			}
		}
		defs, err := fieldsOf(ctx, tx, tenant)
		if err != nil {
			return err
		}
		p, err := d.Profile.sound(defs)
		if err != nil {
			return err
		}
		id, err := s.born(ctx, tx, tenant, d.Identifiers, p.Source)
		if err != nil {
			return err
		}
		if err := put(ctx, tx, tenant, id, p); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE contacts SET request_key = nullif($3, '') WHERE tenant_id = $1 AND id = $2`, tenant, id, d.RequestKey); err != nil {
			return err
		}
		if c, err = find(ctx, tx, `c.id = $2`, tenant, id); err != nil {
			return err
		}
		return tell(ctx, tx, tenant, c, past{born: true})
	})
	return c, explain(err, "create a contact")
}

// born makes a contact whom all of idents belong to, which may be none.
func (s *Store) born(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, idents []ingest.Identifier, source string) (ingest.ContactID, error) {
	now := time.Now()
	if len(idents) > 0 {
		got, err := s.Resolve(ctx, tx, tenant, []Seen{{Party: ingest.Party{Identifiers: idents}, At: now}})
		if err != nil {
			return "", err
		}
		if !got[0].Created {
			return "", &TakenError{idents[0].Kind, got[0].ID}
		}
		return got[0].ID, nil
	}
	id := ingest.ContactID(ingest.NewID(ingest.PrefixContact, now))
	var number int64
	err := tx.QueryRow(ctx, `INSERT INTO contacts (tenant_id, id, number) VALUES ($1, $2, frontdesk_next_number($1, 'contact')) RETURNING number`, tenant, id).Scan(&number)
	if err != nil {
		return "", err
	}
	e, err := created(tenant, id, number, ingest.Party{}, now)
	if err != nil {
		return "", err
	}
	return id, outbox.Add(ctx, tx, ingest.TopicEvents, e)
}

// put writes a sound profile. A name that a business gives is its own: what a
// profile of a provider says later does not replace it.
func put(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID, p Profile) error {
	_, err := tx.Exec(ctx, `
		UPDATE contacts SET name = $3, name_at = CASE WHEN name = $3 THEN name_at WHEN $3 = '' THEN 'epoch' ELSE '9999-01-01' END, email = $4, language = $5, notes = $6, tags = $7,
			fields = $8, segment = $9, stage = $10, source = $11, updated_at = now()
		WHERE tenant_id = $1 AND id = $2`,
		tenant, id, p.Name, p.Email, p.Language, p.Notes, p.Tags, p.Fields, p.Segment, p.Stage, p.Source)
	return err
}

// Update changes the profile of a contact; of one that was merged, of whom it
// was merged into. It is *[InvalidError] for a value that cannot be.
func (s *Store) Update(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, change Patch) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		at, err := living(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		if c, err = find(ctx, tx, `c.id = $2`, tenant, at); err != nil {
			return err
		}
		defs, err := fieldsOf(ctx, tx, tenant)
		if err != nil {
			return err
		}
		p, err := change.apply(c.Profile).sound(defs)
		if err != nil {
			return err
		}
		before := c.Profile
		if err := put(ctx, tx, tenant, at, p); err != nil {
			return err
		}
		if c, err = find(ctx, tx, `c.id = $2`, tenant, at); err != nil {
			return err
		}
		return tell(ctx, tx, tenant, c, past{profile: before})
	})
	return c, explain(err, "update contact %s", id)
}

// living locks the contact that id is, or was merged into, and returns it.
func living(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, id ingest.ContactID) (ingest.ContactID, error) {
	var at ingest.ContactID
	for range 3 { // a merge may pass between the two looks
		var into, locked ingest.ContactID
		err := tx.QueryRow(ctx, `SELECT coalesce(merged_into, id) FROM contacts WHERE tenant_id = $1 AND id = $2 AND erased_at IS NULL`, tenant, id).Scan(&at)
		if err != nil {
			return "", err
		}
		err = tx.QueryRow(ctx, `SELECT id, coalesce(merged_into, '') FROM contacts WHERE tenant_id = $1 AND id = $2 AND erased_at IS NULL FOR UPDATE`, tenant, at).Scan(&locked, &into)
		if err != nil || into == "" {
			return locked, err
		}
	}
	return "", fmt.Errorf("contact %s is merged over and over", id)
}

// Identify adds an identifier to a contact. It is *[TakenError] where it is
// somebody else's.
func (s *Store) Identify(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, ident ingest.Identifier) (Contact, error) {
	var c Contact
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		// The counter is the lock of all who give identifiers; see Resolve.
		if _, err := tx.Exec(ctx, nextContact, tenant, 0); err != nil {
			return err
		}
		at, err := living(ctx, tx, tenant, id)
		if err != nil {
			return err
		}
		var owner ingest.ContactID
		err = tx.QueryRow(ctx, `
			INSERT INTO contact_identifiers AS i (tenant_id, kind, value, contact_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, kind, value) DO UPDATE SET contact_id = CASE WHEN i.retired_at IS NULL THEN i.contact_id ELSE $4 END,
				former_contact_id = CASE WHEN i.retired_at IS NULL OR i.contact_id = $4 THEN i.former_contact_id ELSE i.contact_id END,
				former_until = CASE WHEN i.retired_at IS NULL OR i.contact_id = $4 THEN i.former_until ELSE i.retired_at END, retired_at = NULL
			RETURNING contact_id`, tenant, ident.Kind, ident.Value, at).Scan(&owner)
		if err != nil {
			return err
		}
		if owner != at {
			return &TakenError{ident.Kind, owner}
		}
		var b pgx.Batch
		s.queueWishes(&b, tenant, map[ingest.Identifier]ingest.ContactID{ident: at})
		if err := tx.SendBatch(ctx, &b).Close(); err != nil {
			return err
		}
		c, err = find(ctx, tx, `c.id = $2`, tenant, at)
		return err
	})
	return c, explain(err, "identify contact %s", id)
}

// explain says what was attempted, and turns a missing row into ErrNotFound.
func explain(err error, format string, args ...any) error {
	var invalid *InvalidError
	var taken *TakenError
	switch {
	case err == nil, errors.As(err, &invalid), errors.As(err, &taken), errors.Is(err, ErrNotFound):
		return err
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

func created(tenant ingest.TenantID, id ingest.ContactID, number int64, p ingest.Party, at time.Time) (ingest.Event, error) {
	return ingest.NewEvent(ingest.ContactCreated, tenant, string(tenant)+"|"+string(id), at, string(id), ingest.ContactChange{
		Tenant: tenant, Contact: id, Number: number, Party: p, At: at.UTC(),
	})
}

// tell announces a change of c's profile.
func tell(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, c Contact, before past) error {
	events, err := before.events(tenant, c)
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, events...)
}

// past is what a contact was before.
type past struct {
	profile Profile
	born    bool // in this transaction: nothing
}

// events tells of c, who is now what became of it.
func (before past) events(tenant ingest.TenantID, c Contact) ([]ingest.Event, error) {
	var out []ingest.Event
	key, at := string(tenant)+"|"+string(c.ID), c.UpdatedAt.UTC()
	source := string(c.ID) + at.Format(time.RFC3339Nano)
	was := before.profile
	if before.born {
		was = Profile{Segment: c.Segment} // they never were anything else
	} else {
		e, err := ingest.NewEvent(ingest.ContactUpdated, tenant, key, at, source, ingest.ContactChange{Tenant: tenant, Contact: c.ID, Number: c.Number, At: at})
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	if !c.qualifies(was) {
		return out, nil
	}
	e, err := ingest.NewEvent(ingest.LeadQualified, tenant, key, at, source, ingest.Lead{
		Tenant: tenant, Contact: c.ID, Number: c.Number, Segment: string(c.Segment), Stage: c.Stage, At: at,
	})
	return append(out, e), err
}
