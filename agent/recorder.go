package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/language"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// RecorderConfig says how inbound events are recorded.
type RecorderConfig struct {
	// Pace is the least time from one batch to the next, so that events gather
	// in the log meanwhile and share statements; zero means 8 ms, negative none.
	// A batch that comes after a pause waits for nothing.
	Pace time.Duration
	// Batch is the most events of a tenant that share a transaction; zero
	// means 200.
	Batch int
	// Turns are handed what need not wait as it is recorded; nil leaves all of it
	// to their claims.
	Turns *Turns
	// Recorded is called after a transaction of which not all was handed over:
	// wire Turns.Wake and the relay's Wake to it. nil leaves both to their polls.
	Recorded func()
	// Log gets batches that had to be taken apart; nil means slog.Default().
	Log *slog.Logger
}

func (c RecorderConfig) withDefaults() RecorderConfig {
	if c.Pace == 0 {
		c.Pace = 8 * time.Millisecond
	}
	if c.Batch == 0 {
		c.Batch = 200
	}
	if c.Recorded == nil {
		c.Recorded = func() {}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// Recorder stores what contacts say: it is the handler of TopicInbound. It
// resolves contacts, opens conversations, stores messages and preferences and
// marks turns due, one transaction a tenant and batch. Repeats change nothing.
type Recorder struct {
	db            *tenantdb.DB
	agents        *Store
	contacts      *contact.Store
	conversations *conversation.Store
	cfg           RecorderConfig

	mu   sync.Mutex
	next time.Time // when the next batch may begin
}

// NewRecorder returns a recorder. contacts must repoint conversations when it
// merges: contact.NewStore(db, conversation.Repoint).
func NewRecorder(db *tenantdb.DB, agents *Store, contacts *contact.Store, conversations *conversation.Store, cfg RecorderConfig) *Recorder {
	return &Recorder{db: db, agents: agents, contacts: contacts, conversations: conversations, cfg: cfg.withDefaults()}
}

// entry is an event of a batch with what it holds.
type entry struct {
	slot       int // in the batch
	event      ingest.Event
	message    *ingest.Message
	preference *ingest.Preference
}

// Handle records events and returns an error for each that was not, nil if all
// were. An error that wraps ingest.ErrMalformed is for the dead letters; others
// call for another try. Events of other types are passed over.
func (r *Recorder) Handle(ctx context.Context, events []ingest.Event) []error {
	if err := r.pace(ctx); err != nil {
		return all(len(events), err)
	}
	var failed []error
	fail := func(slot int, err error) {
		if failed == nil {
			failed = make([]error, len(events))
		}
		failed[slot] = err
	}
	tenants := map[ingest.TenantID][]entry{}
	var order []ingest.TenantID
	for slot, event := range events {
		e, err := open(slot, event)
		if err != nil {
			fail(slot, err)
			continue
		}
		if e.message == nil && e.preference == nil {
			continue
		}
		if len(tenants[event.Tenant]) == 0 {
			order = append(order, event.Tenant)
		}
		tenants[event.Tenant] = append(tenants[event.Tenant], e)
	}
	for _, tenant := range order {
		for list := tenants[tenant]; len(list) > 0; {
			n := min(len(list), r.cfg.Batch)
			r.batch(ctx, tenant, list[:n], fail)
			list = list[n:]
		}
	}
	return failed
}

// batch records list in one transaction or, where that fails for a reason that
// may lie in one of them, each in its own.
func (r *Recorder) batch(ctx context.Context, tenant ingest.TenantID, list []entry, fail func(int, error)) {
	err := r.record(ctx, tenant, list)
	switch {
	case err == nil:
		return
	case len(list) == 1:
		if poisonous(err) {
			err = fmt.Errorf("%w: %w", ingest.ErrMalformed, err)
		}
		fail(list[0].slot, err)
		return
	case !poisonous(err):
		for _, e := range list {
			fail(e.slot, err)
		}
		return
	}
	r.cfg.Log.Warn("batch taken apart", "tenant", tenant, "events", len(list), "error", err)
	for i := range list {
		r.batch(ctx, tenant, list[i:i+1], fail)
	}
}

// open reads an event. Every error is ingest.ErrMalformed.
func open(slot int, event ingest.Event) (entry, error) {
	e := entry{slot: slot, event: event}
	switch event.Type {
	case ingest.MessageReceived:
		var m ingest.Message
		if err := event.DecodeData(&m); err != nil {
			return e, err
		}
		m.Tenant = event.Tenant
		e.message = &m
		return e, sound(m)
	case ingest.PreferenceChanged:
		var p ingest.Preference
		if err := event.DecodeData(&p); err != nil {
			return e, err
		}
		e.preference = &p
		if p.Party.Address() == "" || p.Channel == "" || p.Category == "" {
			return e, fmt.Errorf("%w: a preference needs a party, a channel and a category", ingest.ErrMalformed)
		}
	}
	return e, nil
}

func sound(m ingest.Message) error {
	switch {
	case m.Direction != ingest.Inbound:
		return fmt.Errorf("%w: direction %q on the inbound topic", ingest.ErrMalformed, m.Direction)
	case m.ID == "" || m.Channel == "":
		return fmt.Errorf("%w: a message needs an id and a channel", ingest.ErrMalformed)
	case len(m.Party.Identifiers) == 0 && (m.Content.System == nil || len(m.Content.System.Previous)+len(m.Content.System.Current) == 0):
		return fmt.Errorf("%w: a message needs an identifier of its sender", ingest.ErrMalformed)
	}
	return nil
}

// prompts reports whether m asks for an answer. Reactions, notices, what the
// provider could not give, and what is said in a group are kept and never do.
func prompts(m ingest.Message) bool {
	switch m.Content.Type {
	case ingest.Reacted, ingest.System, ingest.Unsupported:
		return false
	}
	return m.Group == ""
}

// wait returns how long to gather before m is answered. Opt-outs are not kept
// waiting.
func wait(m ingest.Message, debounce time.Duration) time.Duration {
	if m.OptWord != "" || language.Keyword(m.Content.Text, medium(m)) != "" {
		return 0
	}
	return debounce
}

// medium tells how a message came. A provider of both bears a profile name or a
// user id only on WhatsApp.
func medium(m ingest.Message) language.Medium {
	whatsapp := m.Provider == "whatsapp" || m.Provider == "simulator" || m.Party.Name != "" || m.Party.Identifier(ingest.WhatsAppUser) != ""
	if whatsapp || strings.HasPrefix(m.Party.Address(), "whatsapp:") {
		return language.WhatsApp
	}
	return language.SMS
}

func (r *Recorder) pace(ctx context.Context) error {
	if r.cfg.Pace < 0 {
		return nil
	}
	now := time.Now()
	r.mu.Lock()
	due := r.next
	r.next = later(now, due).Add(r.cfg.Pace)
	r.mu.Unlock()
	if !due.After(now) {
		return nil
	}
	timer := time.NewTimer(due.Sub(now))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func all(n int, err error) []error {
	out := make([]error, n)
	for i := range out {
		out[i] = err
	}
	return out
}

var errAgain = errors.New("contacts changed meanwhile, three times in a row")
