package contact

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/ingest"
)

// SetPreference records p for the contact it names, by id or by Party, who is
// made if nobody knows them yet: a stranger's no counts too. An older wish than
// the stored one changes nothing.
func (s *Store) SetPreference(ctx context.Context, tenant ingest.TenantID, p ingest.Preference) error {
	return s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		set := p
		if set.Contact == "" {
			found, err := s.Resolve(ctx, tx, tenant, []Seen{{Party: set.Party, At: set.At}})
			if err != nil {
				return err
			}
			set.Contact = found[0].ID
		}
		return s.SetPreferences(ctx, tx, tenant, []ingest.Preference{set})
	})
}

// SetPreferences records wishes of contacts named by id, and announces those
// that change something. Of two at the same time a no outweighs a yes.
func (s *Store) SetPreferences(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []ingest.Preference) error {
	if len(list) == 0 {
		return nil
	}
	list = latest(list)
	var contacts, channels, categories, sources []string
	var allowed []bool
	var at []time.Time
	for _, p := range list {
		contacts, channels, categories = append(contacts, string(p.Contact)), append(channels, string(p.Channel)), append(categories, p.Category)
		sources, allowed, at = append(sources, p.Source), append(allowed, p.Allowed), append(at, p.At)
	}
	rows, err := tx.Query(ctx, `
		INSERT INTO contact_preferences AS p (tenant_id, contact_id, channel_id, category, allowed, source, at)
		SELECT $1, coalesce(c.merged_into, c.id), d.channel, d.category, d.allowed, d.source, d.at
		FROM unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::timestamptz[]) AS d (contact, channel, category, allowed, source, at)
		CROSS JOIN LATERAL (SELECT * FROM contacts WHERE (tenant_id, id) = ($1, d.contact) AND erased_at IS NULL OFFSET 0 FOR KEY SHARE) c
		ON CONFLICT (tenant_id, contact_id, channel_id, category) DO UPDATE SET allowed = excluded.allowed, source = excluded.source, at = excluded.at
			WHERE excluded.at > p.at OR (excluded.at = p.at AND p.allowed AND NOT excluded.allowed)
		RETURNING contact_id, channel_id, category`, tenant, contacts, channels, categories, allowed, sources, at)
	if err != nil {
		return fmt.Errorf("set preferences: %w", err)
	}
	changed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[preferenceKey])
	if err != nil {
		return fmt.Errorf("set preferences: %w", err)
	}
	return announce(ctx, tx, tenant, list, changed)
}

type preferenceKey struct {
	Contact  ingest.ContactID
	Channel  ingest.ChannelID
	Category string
}

func keyOf(p ingest.Preference) preferenceKey { return preferenceKey{p.Contact, p.Channel, p.Category} }

// latest keeps one wish a contact, channel and category.
func latest(list []ingest.Preference) []ingest.Preference {
	best := map[preferenceKey]int{}
	var out []ingest.Preference
	for _, p := range list {
		i, ok := best[keyOf(p)]
		switch {
		case !ok:
			best[keyOf(p)] = len(out)
			out = append(out, p)
		case p.At.After(out[i].At) || (p.At.Equal(out[i].At) && !p.Allowed):
			out[i] = p
		}
	}
	return out
}

func announce(ctx context.Context, tx pgx.Tx, tenant ingest.TenantID, list []ingest.Preference, changed []preferenceKey) error {
	var events []ingest.Event
	for _, p := range list {
		if !slices.Contains(changed, keyOf(p)) {
			continue
		}
		address := p.Party.Address()
		if address == "" {
			address = string(p.Contact)
		}
		p.Tenant = tenant
		source := fmt.Sprintf("%s:%s:%s:%t", p.Contact, p.Category, p.Source, p.Allowed)
		e, err := ingest.NewEvent(ingest.ConsentChanged, tenant, ingest.ConversationKey(tenant, p.Channel, address), p.At, source, p)
		if err != nil {
			return err
		}
		events = append(events, e)
	}
	return outbox.Add(ctx, tx, ingest.TopicEvents, events...)
}

// Preferences returns what the contact has expressed, by channel and category.
func (s *Store) Preferences(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) ([]Preference, error) {
	var list []Preference
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) (err error) {
		list, err = preferences(ctx, tx, tenant, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("preferences of %s: %w", id, err)
	}
	return list, nil
}

// Question asks whether a message of the category may be sent to a contact on a
// channel.
type Question struct {
	Contact  ingest.ContactID
	Channel  ingest.ChannelID
	Category string
}

// Allowed reports whether a message of the category may be sent to the contact
// on the channel: unless the latest word on the category or on everything there
// is a no.
func (s *Store) Allowed(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, channel ingest.ChannelID, category string) (bool, error) {
	if category == CategoryConfirmation {
		return true, nil
	}
	answers, err := s.AllowedAll(ctx, tenant, []Question{{id, channel, category}})
	return err == nil && answers[0], err
}

// AllowedAll is [Store.Allowed] for many questions, in their order, in one round
// trip. It knows nothing of [CategoryConfirmation].
func (s *Store) AllowedAll(ctx context.Context, tenant ingest.TenantID, questions []Question) ([]bool, error) {
	var answers *[]bool
	err := s.db.Staged(ctx, tenant, func(b *pgx.Batch) { answers = QueueAllowed(b, tenant, questions) }, nil)
	if err == nil && len(*answers) != len(questions) {
		err = fmt.Errorf("%d answers to %d questions", len(*answers), len(questions))
	}
	if err != nil {
		return nil, fmt.Errorf("look up preferences: %w", err)
	}
	return *answers, nil
}

// QueueAllowed is [Store.AllowedAll] as part of a batch that runs as the tenant;
// the answers are there when its results have been read.
func QueueAllowed(b *pgx.Batch, tenant ingest.TenantID, questions []Question) *[]bool {
	n := len(questions)
	contacts, channels, categories := make([]string, n), make([]string, n), make([]string, n)
	for i, q := range questions {
		contacts[i], channels[i], categories[i] = string(q.Contact), string(q.Channel), q.Category
	}
	answers := new([]bool)
	b.Queue(`
		SELECT coalesce((
			SELECT p.allowed FROM contact_preferences p
			WHERE p.tenant_id = $1 AND p.contact_id = coalesce(c.merged_into, d.contact) AND p.channel_id = d.channel AND p.category IN ('all', d.category)
			ORDER BY p.at DESC, p.allowed LIMIT 1), true)
		FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS d (contact, channel, category, ord)
		LEFT JOIN LATERAL (SELECT merged_into FROM contacts WHERE (tenant_id, id) = ($1, d.contact) OFFSET 0) c ON true
		ORDER BY d.ord`, tenant, contacts, channels, categories).Query(func(rows pgx.Rows) error {
		var err error
		*answers, err = pgx.CollectRows(rows, pgx.RowTo[bool])
		return err
	})
	return answers
}
