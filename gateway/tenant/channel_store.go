package tenant

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gopkg.in/yaml.v3"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// ErrChannelExists is given for a new channel whose name is taken.
var ErrChannelExists = errors.New("the business has a channel of this name")

// ListedChannel is a channel as its business may look at it.
type ListedChannel struct {
	provider.Channel
	Simulated bool // its credentials were made up here: only the simulator serves it
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ListedChannels returns the tenant's channels in use, oldest first.
func (s *Store) ListedChannels(ctx context.Context, tenant ingest.TenantID) ([]ListedChannel, error) {
	var list []ListedChannel
	err := s.db.InTenant(ctx, tenant, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT id, type, name, phone, account, ref, api_version, rate_per_second, mark_read, simulated, created_at, updated_at
			FROM channels WHERE tenant_id = $1 AND removed_at IS NULL ORDER BY id`, tenant)
		if err != nil {
			return err
		}
		list, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (ListedChannel, error) {
			c := ListedChannel{Channel: provider.Channel{Tenant: tenant}}
			err := row.Scan(&c.ID, &c.Type, &c.Name, &c.Phone, &c.Account, &c.Ref, &c.APIVersion, &c.RatePerSecond, &c.MarkRead, &c.Simulated, &c.CreatedAt, &c.UpdatedAt)
			return c, err
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list channels: %w", err)
	}
	return list, nil
}

// ReadChannel reads a channel from fields as a file has them. What is wrong is an
// *InvalidError.
func ReadChannel(fields map[string]any) (ChannelSpec, error) {
	var n yaml.Node
	if err := n.Encode(fields); err != nil {
		return ChannelSpec{}, fmt.Errorf("read a channel: %w", err)
	}
	r := &reader{}
	spec := r.channel(&n, "")
	for i := range r.problems {
		r.problems[i].Line = 0
	}
	return spec, invalid(r.problems)
}

// CreateChannel makes a channel. It is ErrChannelExists, ErrAddressTaken, or an
// *InvalidError for credentials that are given in part, or not at all for an
// address that may be somebody's.
func (s *Store) CreateChannel(ctx context.Context, tenant ingest.TenantID, spec ChannelSpec) (ingest.ChannelID, error) {
	return s.writeChannel(ctx, tenant, func(live map[string]storedChannel) (ChannelSpec, storedChannel, error) {
		if _, taken := live[spec.Name]; taken {
			return spec, storedChannel{}, ErrChannelExists
		}
		return spec, storedChannel{}, nil
	})
}

// UpdateChannel changes the channel id to what change makes of its fields, which
// are those of a file, credentials left out. Credentials that it does not add
// stay.
func (s *Store) UpdateChannel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID, change func(map[string]any)) error {
	_, err := s.writeChannel(ctx, tenant, func(live map[string]storedChannel) (ChannelSpec, storedChannel, error) {
		for _, old := range live {
			if old.ID != id {
				continue
			}
			fields := old.fields()
			change(fields)
			spec, err := ReadChannel(fields)
			spec.BaseURL = old.BaseURL // the file's alone
			return spec, old, err
		}
		return ChannelSpec{}, storedChannel{}, fmt.Errorf("channel %s: %w", id, ErrNotFound)
	})
	return err
}

// fields is c as a file would have it, without credentials.
func (c storedChannel) fields() map[string]any {
	f := map[string]any{"type": c.Type, "name": c.Name}
	set := func(name, value string) {
		if value != "" {
			f[name] = value
		}
	}
	set("phone", c.Phone)
	if c.RatePerSecond > 0 {
		f["rate_per_second"] = c.RatePerSecond
	}
	if c.Type == provider.WhatsApp {
		set("phone_number_id", c.Ref)
		set("waba_id", c.Account)
		set("api_version", c.APIVersion)
		f["mark_read"] = c.MarkRead
		return f
	}
	set("account_sid", c.Account)
	switch c.Ref {
	case c.Phone:
	case "whatsapp:" + c.Phone:
		f["network"] = "whatsapp"
	default:
		f["messaging_service_sid"] = c.Ref
	}
	return f
}

func (s *Store) writeChannel(ctx context.Context, tenant ingest.TenantID, choose func(map[string]storedChannel) (ChannelSpec, storedChannel, error)) (ingest.ChannelID, error) {
	var saved storedChannel
	err := s.apply(ctx, tenant, false, func(tx pgx.Tx) error {
		live, err := s.liveChannels(ctx, tx, tenant)
		if err != nil {
			return err
		}
		spec, old, err := choose(live)
		if err != nil {
			return err
		}
		want := merge(tenant, spec, old)
		var problems []Problem
		for _, field := range missing(want.Channel) {
			problems = append(problems, Problem{Field: field, Message: "is missing; give all credentials, or none for the simulator"})
		}
		if want.simulated && want.Ref != old.Ref && (spec.Ref != "" && !fictitious.MatchString(spec.Ref)) {
			problems = append(problems, Problem{Field: addressField(spec), Message: "may be somebody's; without credentials give a number for fiction, +1 ... 555 0100 to 0199, or leave out the id"})
		}
		if err := invalid(problems); err != nil {
			return err
		}
		saved, _, err = s.saveChannel(ctx, tx, want, old)
		return err
	})
	return saved.ID, err
}

// fictitious are addresses that nobody has. A channel that no provider vouches
// for must not keep another business from its number.
var fictitious = regexp.MustCompile(`^(whatsapp:)?\+1\d{3}55501\d\d$`)

// addressField is the field of a file that spec's address came from.
func addressField(spec ChannelSpec) string {
	switch {
	case spec.Type == provider.WhatsApp:
		return "phone_number_id"
	case strings.HasPrefix(spec.Ref, "MG"):
		return "messaging_service_sid"
	}
	return "phone"
}

// RemoveChannel takes a channel out of use, or reports ErrNotFound. Its
// conversations and messages stay.
func (s *Store) RemoveChannel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) error {
	return s.apply(ctx, tenant, false, func(tx pgx.Tx) error {
		live, err := s.liveChannels(ctx, tx, tenant)
		if err != nil {
			return err
		}
		for _, c := range live {
			if c.ID == id {
				return s.removeChannel(ctx, tx, c)
			}
		}
		return fmt.Errorf("channel %s: %w", id, ErrNotFound)
	})
}
