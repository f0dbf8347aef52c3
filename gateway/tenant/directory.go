package tenant

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/agent"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

const (
	// pollEvery is how often the directory asks whether it is out of date; a
	// revoked key lives no longer than this and one reading.
	pollEvery = 250 * time.Millisecond
	// touchEvery is how often last uses of keys are written.
	touchEvery = 10 * time.Second
	// pollTimeout bounds one reading.
	pollTimeout = 5 * time.Second
)

// Directory holds tenants, channels and keys in memory. Start it with Run;
// before that, and where something is not found, it reads the tables itself.
// With Postgres away it goes on with what it has. It is safe for concurrent use.
type Directory struct {
	store *Store
	log   *slog.Logger
	now   func() time.Time
	snap  atomic.Pointer[snapshot]

	reading sync.Mutex   // held by who asks the database
	asked   atomic.Int64 // readings begun, so that one serves all who wait
	last    error        // how the last one ended

	mu   sync.Mutex
	used map[keyRef]*lastUse // of the keys in the snapshot
}

// lastUse is when a key was used since the last stamp, in Unix nanoseconds; zero
// where it was not.
type lastUse struct{ atomic.Int64 }

// NewDirectory returns a directory of store. log may be nil.
func NewDirectory(store *Store, log *slog.Logger) *Directory {
	if log == nil {
		log = slog.Default()
	}
	return &Directory{store: store, log: log, now: time.Now, used: map[keyRef]*lastUse{}}
}

// snapshot is the directory at one version. It is never changed once made.
type snapshot struct {
	version  int64
	tenants  map[ingest.TenantID]Tenant
	bySlug   map[string]Tenant
	channels map[ingest.TenantID][]storedChannel
	byRef    map[[2]string]storedChannel
	accounts map[[2]string][]provider.Channel
	tokens   map[string][]provider.Secret // verify tokens by type
	secrets  map[string][]provider.Secret // what callbacks are signed with, by type, each once
	bearers  map[string]*bearer           // by lookup
}

// bearer is who bears a secret, made once a snapshot so that a request need
// not make it.
type bearer struct {
	hash   []byte
	pepper string
	until  time.Time // zero: for good
	caller Caller
	used   *lastUse
}

func newSnapshot(version int64) *snapshot {
	return &snapshot{
		version: version, tenants: map[ingest.TenantID]Tenant{}, bySlug: map[string]Tenant{}, channels: map[ingest.TenantID][]storedChannel{},
		byRef: map[[2]string]storedChannel{}, accounts: map[[2]string][]provider.Channel{},
		tokens: map[string][]provider.Secret{}, secrets: map[string][]provider.Secret{}, bearers: map[string]*bearer{},
	}
}

// addKey adds the secrets of k, one or two, if its business is known.
func (s *snapshot) addKey(k Key) {
	business, ok := s.tenants[k.Tenant]
	if !ok {
		return
	}
	plan := lower(business.Plan, k.Plan)
	c := Caller{
		Tenant: k.Tenant, KeyID: k.ID, KeyName: k.Name, Scopes: k.Scopes, Mode: k.Mode, Dialect: k.Dialect,
		Business: business, Plan: PlanOf(plan, k.Dialect), planName: plan, expires: k.ExpiresAt, root: k.root,
	}
	c.counted = []counted{} // once a snapshot, and not for every request
	for class, limit := range c.Plan.Limits {
		c.counted = append(c.counted, counted{class, c.Bucket(class), limit})
	}
	s.bearers[k.Lookup] = &bearer{hash: k.hash, pepper: k.pepper, until: k.ExpiresAt, caller: c}
	if k.older.lookup == "" {
		return
	}
	until := k.OlderUntil
	if !k.ExpiresAt.IsZero() && k.ExpiresAt.Before(until) {
		until = k.ExpiresAt
	}
	s.bearers[k.older.lookup] = &bearer{hash: k.older.hash, pepper: k.older.pepper, until: until, caller: c}
}

func (s *snapshot) addChannel(c storedChannel) {
	s.channels[c.Tenant] = append(s.channels[c.Tenant], c)
	s.byRef[[2]string{c.Type, c.Ref}] = c
	account := [2]string{c.Type, c.Account}
	s.accounts[account] = append(s.accounts[account], c.Channel)
	if c.VerifyToken != "" {
		s.tokens[c.Type] = append(s.tokens[c.Type], c.VerifyToken)
	}
	for _, secret := range []provider.Secret{c.AppSecret, c.AuthToken} {
		if secret != "" && !slices.Contains(s.secrets[c.Type], secret) {
			s.secrets[c.Type] = append(s.secrets[c.Type], secret)
		}
	}
}

func (s *snapshot) channel(tenant ingest.TenantID, id ingest.ChannelID) (storedChannel, bool) {
	for _, c := range s.channels[tenant] {
		if c.ID == id {
			return c, true
		}
	}
	return storedChannel{}, false
}

// Run follows the tables until ctx ends, then writes what is left to write.
func (d *Directory) Run(ctx context.Context) error {
	poll, touch := time.NewTicker(pollEvery), time.NewTicker(touchEvery)
	defer poll.Stop()
	defer touch.Stop()
	stale := false
	for {
		select {
		case <-ctx.Done():
			d.flush(context.WithoutCancel(ctx))
			return nil
		case <-touch.C:
			d.flush(ctx)
		case <-poll.C:
			err := d.Refresh(ctx)
			if err != nil && ctx.Err() == nil && !stale {
				d.log.Error("the directory cannot be read; going on with what is known", "error", err)
			}
			stale = err != nil
		}
	}
}

// Refresh brings the directory up to date with all that was committed before
// it was called. Calls at the same time share one reading.
func (d *Directory) Refresh(ctx context.Context) error {
	begun := d.asked.Load()
	d.reading.Lock()
	defer d.reading.Unlock()
	if d.asked.Load() > begun { // a whole reading was begun after this call
		return d.last
	}
	d.asked.Add(1)
	d.last = d.read(ctx)
	return d.last
}

// read runs on behalf of all who wait for it, so one that gives up must not
// end it.
func (d *Directory) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pollTimeout)
	defer cancel()
	version, err := d.store.version(ctx)
	if err != nil {
		return err
	}
	if old := d.snap.Load(); old != nil && old.version == version {
		return nil
	}
	snap, err := d.store.snapshot(ctx)
	if err != nil {
		return err
	}
	d.keepUses(snap)
	d.snap.Store(snap)
	return nil
}

// find looks in the snapshot, and once more in a fresh one where it is not
// found.
func (d *Directory) find(ctx context.Context, look func(*snapshot) bool) (bool, error) {
	if snap := d.snap.Load(); snap != nil && look(snap) {
		return true, nil
	}
	if err := d.Refresh(ctx); err != nil {
		return false, err
	}
	return look(d.snap.Load()), nil
}

// keepUses gives the keys of snap their last uses, and forgets those of keys
// that are gone once they are written.
func (d *Directory) keepUses(snap *snapshot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	kept := map[keyRef]*lastUse{}
	for ref, use := range d.used {
		if use.Load() != 0 {
			kept[ref] = use
		}
	}
	for _, b := range snap.bearers {
		ref := keyRef{b.caller.Tenant, b.caller.KeyID}
		if kept[ref] == nil {
			if kept[ref] = d.used[ref]; kept[ref] == nil {
				kept[ref] = &lastUse{}
			}
		}
		b.used = kept[ref]
	}
	d.used = kept
}

// Authenticate is [Directory.Bearer] with a copy of the caller.
func (d *Directory) Authenticate(ctx context.Context, key string) (Caller, error) {
	c, err := d.Bearer(ctx, key)
	if err != nil {
		return Caller{}, err
	}
	return *c, nil
}

// Bearer returns who bears key, which many share and nobody may change;
// ErrKeyExpired for a key whose time is over, and ErrUnauthenticated for any
// other that is not taken. Any other error means that it could not be found out.
// For a key that is known it asks no database and allocates nothing.
func (d *Directory) Bearer(ctx context.Context, key string) (*Caller, error) {
	lookup, ok := lookupOf(key)
	if !ok {
		return nil, ErrUnauthenticated
	}
	b := d.bearer(lookup)
	if b == nil { // made just now, perhaps, by another process
		if !genuine(key) {
			return nil, ErrUnauthenticated
		}
		if err := d.Refresh(ctx); err != nil {
			return nil, err
		}
		b = d.bearer(lookup)
	}
	if b == nil || !d.store.vault.matches(key, b.hash, b.pepper) {
		return nil, ErrUnauthenticated
	}
	now := d.now()
	if !b.until.IsZero() && !now.Before(b.until) {
		return nil, ErrKeyExpired
	}
	if at := now.UnixNano(); at-b.used.Load() > int64(time.Second) { // mostly it is not: no line of cache is fought for
		b.used.Store(at)
	}
	return &b.caller, nil
}

func (d *Directory) bearer(lookup string) *bearer {
	if snap := d.snap.Load(); snap != nil {
		return snap.bearers[lookup]
	}
	return nil
}

// flush writes the last uses since the flush before. What could not be written
// is written next time.
func (d *Directory) flush(ctx context.Context) {
	d.mu.Lock()
	uses := maps.Clone(d.used)
	d.mu.Unlock()
	stamps := map[keyRef]time.Time{}
	for ref, use := range uses {
		if at := use.Swap(0); at != 0 {
			stamps[ref] = time.Unix(0, at)
		}
	}
	if len(stamps) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	if err := d.store.touchKeys(ctx, stamps); err != nil {
		d.log.Warn("last uses of keys were not written", "error", err, "keys", len(stamps))
		for ref, at := range stamps {
			uses[ref].CompareAndSwap(0, at.UnixNano())
		}
	}
}

// Tenant returns a business, or ErrNotFound.
func (d *Directory) Tenant(ctx context.Context, tenant ingest.TenantID) (Tenant, error) {
	var t Tenant
	found, err := d.find(ctx, func(s *snapshot) (ok bool) { t, ok = s.tenants[tenant]; return ok })
	if err == nil && !found {
		err = fmt.Errorf("tenant: %w", ErrNotFound)
	}
	return t, err
}

// BySlug returns the business of a slug, or ErrNotFound.
func (d *Directory) BySlug(ctx context.Context, slug string) (Tenant, error) {
	var t Tenant
	found, err := d.find(ctx, func(s *snapshot) (ok bool) { t, ok = s.bySlug[slug]; return ok })
	if err == nil && !found {
		err = fmt.Errorf("tenant: %w", ErrNotFound)
	}
	return t, err
}

// Channel returns the tenant's channel with its credentials, or ErrNotFound.
func (d *Directory) Channel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) (provider.Channel, error) {
	var c storedChannel
	found, err := d.find(ctx, func(s *snapshot) (ok bool) { c, ok = s.channel(tenant, id); return ok })
	if err == nil && !found {
		err = fmt.Errorf("channel %s: %w", id, ErrNotFound)
	}
	return c.Channel, err
}

// Channels returns the tenant's channels, oldest first.
func (d *Directory) Channels(ctx context.Context, tenant ingest.TenantID) ([]provider.Channel, error) {
	var out []provider.Channel
	_, err := d.find(ctx, func(s *snapshot) bool {
		out = nil
		for _, c := range s.channels[tenant] {
			out = append(out, c.Channel)
		}
		return len(out) > 0
	})
	return out, err
}

// Simulated reports whether only the simulator serves a channel, because its
// credentials were made up here. It is false for a channel there is not.
func (d *Directory) Simulated(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) (bool, error) {
	var c storedChannel
	_, err := d.find(ctx, func(s *snapshot) (ok bool) { c, ok = s.channel(tenant, id); return ok })
	return c.simulated, err
}

// ByRef returns the channel of any tenant that has ref, as a provider names it
// in a callback, and whether there is one.
func (d *Directory) ByRef(ctx context.Context, typ, ref string) (provider.Channel, bool, error) {
	var c storedChannel
	found, err := d.find(ctx, func(s *snapshot) (ok bool) { c, ok = s.byRef[[2]string{typ, ref}]; return ok })
	return c.Channel, found, err
}

// ByAccount returns the channels of any tenant under a provider's account.
func (d *Directory) ByAccount(ctx context.Context, typ, account string) ([]provider.Channel, error) {
	var out []provider.Channel
	_, err := d.find(ctx, func(s *snapshot) bool { out = s.accounts[[2]string{typ, account}]; return len(out) > 0 })
	return out, err
}

// VerifyTokenKnown reports whether some channel of the type has the token. It
// takes as long for a wrong token as for a right one.
func (d *Directory) VerifyTokenKnown(ctx context.Context, typ, token string) (bool, error) {
	return d.find(ctx, func(s *snapshot) bool {
		known := 0
		for _, t := range s.tokens[typ] {
			known |= subtle.ConstantTimeCompare([]byte(t), []byte(token))
		}
		return known == 1
	})
}

// Secrets returns what callbacks of the type are signed with, each once: for a
// body that names no channel.
func (d *Directory) Secrets(ctx context.Context, typ string) ([]provider.Secret, error) {
	var out []provider.Secret
	_, err := d.find(ctx, func(s *snapshot) bool { out = s.secrets[typ]; return len(out) > 0 })
	return out, err
}

// Business returns what replies need to know of a tenant, or ErrNotFound.
func (d *Directory) Business(ctx context.Context, tenant ingest.TenantID) (agent.Business, error) {
	t, err := d.Tenant(ctx, tenant)
	return t.Business(), err
}
