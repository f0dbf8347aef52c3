package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// defaultDebounce is that of an agent whose file names none.
const defaultDebounce = 500 * time.Millisecond

// business saves the business, its channels, services, staff and resources.
func (r *applying) business(ctx context.Context) error {
	var err error
	if r.had, err = r.agents.Agents(ctx, r.tenant); err != nil {
		return fmt.Errorf("list agents: %w", err)
	}
	return r.store.apply(ctx, r.tenant, r.opt.DryRun, func(tx pgx.Tx) error {
		r.done = Applied{Tenant: r.tenant} // the transaction may run again
		t := r.file.Business
		t.ID = r.tenant
		c, err := r.store.saveTenant(ctx, tx, t)
		if err != nil {
			return err
		}
		r.done.note(c, "business", t.Slug)
		if err := r.saveChannels(ctx, tx); err != nil {
			return err
		}
		return r.saveCatalogue(ctx, tx)
	})
}

func (r *applying) saveChannels(ctx context.Context, tx pgx.Tx) error {
	old, err := r.store.liveChannels(ctx, tx, r.tenant)
	if err != nil {
		return err
	}
	r.channels = map[string]ingest.ChannelID{}
	for name, c := range old {
		r.channels[name] = c.ID
	}
	if err := r.pruneChannels(ctx, tx, old); err != nil {
		return err
	}
	var problems []Problem
	for i, spec := range r.file.Channels {
		at := fmt.Sprintf("channels[%d]", i)
		saved, c, err := r.saveOneChannel(ctx, tx, spec, old[spec.Name], at, &problems)
		if err != nil {
			return err
		}
		r.channels[spec.Name] = saved.ID
		r.done.note(c, "channel", spec.Name)
	}
	problems = append(problems, r.unknownChannels()...)
	return invalid(problems)
}

func (r *applying) saveOneChannel(ctx context.Context, tx pgx.Tx, spec ChannelSpec, old storedChannel, at string, problems *[]Problem) (storedChannel, change, error) {
	if old.ID != "" && old.Type != spec.Type {
		*problems = append(*problems, Problem{spec.line, at + ".type", "a channel keeps its type; give the new one another name"})
		return old, unchanged, nil
	}
	want := merge(r.tenant, spec, old)
	lacks := missing(want.Channel)
	for _, field := range lacks {
		*problems = append(*problems, Problem{spec.line, at + "." + field, "is missing; give all credentials, or none for the simulator"})
	}
	if len(lacks) > 0 {
		return old, unchanged, nil
	}
	saved, c, err := r.store.saveChannel(ctx, tx, want, old)
	if errors.Is(err, ErrAddressTaken) {
		*problems = append(*problems, Problem{spec.line, at + "." + spec.refKey, "belongs to another channel, perhaps of another business"})
		return old, unchanged, nil
	}
	return saved, c, err
}

// unknownChannels reports agents whose channels neither the file nor the
// tenant has.
func (r *applying) unknownChannels() []Problem {
	var out []Problem
	for i, a := range r.file.Agents {
		for j, name := range a.Channels {
			if _, ok := r.channels[name]; !ok {
				out = append(out, Problem{Field: fmt.Sprintf("agents[%d].channels[%d]", i, j), Message: "the business has no channel of this name"})
			}
		}
	}
	return out
}

func (r *applying) pruneChannels(ctx context.Context, tx pgx.Tx, old map[string]storedChannel) error {
	if !r.opt.Prune || !r.file.Has("channels") {
		return nil
	}
	wanted := map[string]bool{}
	for _, spec := range r.file.Channels {
		wanted[spec.Name] = true
	}
	for name, c := range old {
		if wanted[name] {
			continue
		}
		if err := r.store.removeChannel(ctx, tx, c); err != nil {
			return err
		}
		delete(r.channels, name)
		r.done.removed("channel", name)
	}
	return nil
}

// saveCatalogue saves services, staff and resources.
func (r *applying) saveCatalogue(ctx context.Context, tx pgx.Tx) error {
	outcomes, err := booking.Apply(ctx, tx, r.tenant, r.file.listing(r.opt.Prune))
	var unknown *booking.UnknownNamesError
	if errors.As(err, &unknown) {
		return r.file.unknownNames(unknown)
	}
	if err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	for _, o := range outcomes {
		switch o.Done {
		case booking.WasCreated:
			r.done.note(created, string(o.Kind), o.Name)
		case booking.WasChanged:
			r.done.note(changed, string(o.Kind), o.Name)
		case booking.WasRemoved:
			r.done.removed(string(o.Kind), o.Name)
		default:
			r.done.note(unchanged, string(o.Kind), o.Name)
		}
	}
	return nil
}

// secrets saves keys and webhooks. A dry run of a business that does not exist
// yet has nothing to hang them on, and only tells.
func (r *applying) secrets(ctx context.Context) error {
	before := r.done
	return r.store.apply(ctx, r.tenant, r.opt.DryRun, func(tx pgx.Tx) error {
		r.done = before // the transaction may run again
		if r.opt.DryRun {
			t := r.file.Business
			t.ID = r.tenant
			if _, err := r.store.saveTenant(ctx, tx, t); err != nil {
				return err
			}
		}
		if err := r.saveKeys(ctx, tx); err != nil {
			return err
		}
		if err := r.saveWebhooks(ctx, tx); err != nil {
			return err
		}
		if r.opt.DryRun {
			r.done.Keys, r.done.Webhooks = nil, nil // they were made up and are gone
		}
		return nil
	})
}

func (r *applying) saveKeys(ctx context.Context, tx pgx.Tx) error {
	var names []string
	for _, spec := range r.file.Keys {
		secret, c, err := r.store.saveKey(ctx, tx, r.tenant, spec)
		if err != nil {
			return err
		}
		r.done.note(c, "key", spec.Name)
		if secret != "" {
			r.done.Keys = append(r.done.Keys, NewKey{spec.Name, secret})
		}
		names = append(names, spec.Name)
	}
	if !r.opt.Prune || !r.file.Has("keys") {
		return nil
	}
	gone, err := r.store.pruneKeys(ctx, tx, r.tenant, names)
	r.done.removed("key", gone...)
	return err
}

func (r *applying) saveWebhooks(ctx context.Context, tx pgx.Tx) error {
	var urls []string
	for _, spec := range r.file.Webhooks {
		w, secret, did, err := r.store.webhooks.SaveIn(ctx, tx, r.tenant, spec)
		if err != nil {
			return err
		}
		r.done.note(map[webhook.Saved]change{webhook.Created: created, webhook.Changed: changed}[did], "webhook", spec.URL)
		if secret != "" {
			r.done.Webhooks = append(r.done.Webhooks, NewWebhook{spec.URL, secret, w.PublicKey})
		}
		urls = append(urls, spec.URL)
	}
	if !r.opt.Prune || !r.file.Has("webhooks") {
		return nil
	}
	gone, err := r.store.webhooks.PruneIn(ctx, tx, r.tenant, urls)
	r.done.removed("webhook", gone...)
	return err
}
