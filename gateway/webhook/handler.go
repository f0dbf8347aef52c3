package webhook

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// messages is what Handler needs of *conversation.Store, whose calls made at
// the same time share a transaction.
type messages interface {
	Message(ctx context.Context, tenant ingest.TenantID, id ingest.MessageID) (conversation.Message, error)
}

// agents is what Handler needs of *agent.Store.
type agents interface {
	Agents(ctx context.Context, tenant ingest.TenantID) ([]agent.Agent, error)
}

// Parts is what a Handler works with. All but Wake and Patience must be set.
type Parts struct {
	Store    *Store
	Messages messages
	Agents   agents
	// Render returns a message as the API has it.
	Render func(conversation.Message) any
	// Wake is called when deliveries were stored; see [Sender.Wake].
	Wake func()
	// Patience is how long a message may take to be recorded after it is on the
	// log; after that it is told without what only the record has. Zero is 2 s.
	Patience time.Duration
}

// Handler makes deliveries of events. It may be given an event twice.
type Handler struct{ p Parts }

// NewHandler returns a handler of p.
func NewHandler(p Parts) *Handler {
	if p.Patience == 0 {
		p.Patience = 2 * time.Second
	}
	if p.Wake == nil {
		p.Wake = func() {}
	}
	return &Handler{p}
}

// Handle stores a delivery for each event and endpoint that wants it. It
// returns nil where all are stored, else one slot for each event: one that is
// wanted and can never be read fails with [ingest.ErrMalformed].
func (h *Handler) Handle(ctx context.Context, events []ingest.Event) []error {
	tenants := map[ingest.TenantID]bool{}
	for _, e := range events {
		tenants[e.Tenant] = true
	}
	targets, err := h.p.Store.targets(ctx, tenants)
	if err != nil {
		return slices.Repeat([]error{err}, len(events))
	}
	errs := make([]error, len(events))
	var stories []story
	var places []int
	for i, e := range events {
		if len(targets[e.Tenant]) == 0 {
			continue // most businesses: the event's data is not even read
		}
		s, ok, err := read(e)
		errs[i] = err
		if ok {
			stories, places = append(stories, s), append(places, i)
		}
	}
	stored, err := h.store(ctx, stories, targets)
	if stored > 0 {
		h.p.Wake()
	}
	if err != nil {
		for _, i := range places {
			errs[i] = err
		}
	}
	if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
		return errs
	}
	return nil
}

// wish is a story with an endpoint that may want it.
type wish struct {
	*story
	endpoint *target
}

// store makes the deliveries of stories and returns how many there were.
func (h *Handler) store(ctx context.Context, stories []story, targets map[ingest.TenantID][]target) (int, error) {
	var wishes []wish
	for i := range stories {
		for j := range targets[stories[i].event.Tenant] {
			if t := &targets[stories[i].event.Tenant][j]; t.perhaps(h.form(t), stories[i].name) {
				wishes = append(wishes, wish{&stories[i], t})
			}
		}
	}
	if len(wishes) == 0 {
		return 0, nil
	}
	list, err := h.compose(ctx, wishes)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), h.p.Store.insert(ctx, list)
}

func (h *Handler) form(t *target) Form { return h.p.Store.forms.of(t.Format) }

// perhaps reports whether an endpoint could want an event: only a standard
// form's names are known before it is composed.
func (t *target) perhaps(f Form, name string) bool {
	_, standard := f.(Standard)
	return !standard || t.wants(name)
}

// compose makes the deliveries of those wishes that the endpoints' filters let
// through.
func (h *Handler) compose(ctx context.Context, wishes []wish) ([]draft, error) {
	recorded, err := h.recorded(ctx, wishes)
	if err != nil {
		return nil, err
	}
	notices := map[*story]Notice{}
	ofAgent := h.ofAgent(ctx)
	var list []draft
	for _, w := range wishes {
		subject := w.early
		m, known := recorded[w.message]
		if known {
			subject = about{m.Channel, m.Agent, m.Test}
		}
		if !w.endpoint.admits(subject, ofAgent.has(w.event.Tenant)) {
			continue
		}
		n, made := notices[w.story]
		if !made {
			if n, err = h.tell(w.story, m, known); err != nil {
				return nil, err
			}
			notices[w.story] = n
		}
		name, body, ok := h.form(w.endpoint).Compose(n)
		if !ok || !w.endpoint.wants(name) {
			continue
		}
		list = append(list, newDraft(w.event.Tenant, w.endpoint.id, n.ID, w.event.OccurredAt, name, body))
	}
	return list, ofAgent.err
}

// tell makes the notice of a story. A message that is not recorded is told as
// the event has it.
func (h *Handler) tell(s *story, m conversation.Message, known bool) (Notice, error) {
	switch {
	case s.message == "":
		return s.notice()
	case known:
		return s.messageNotice(m, h.p.Render)
	case s.event.Type == ingest.MessageReceived:
		var bare conversation.Message
		if err := s.event.DecodeData(&bare.Message); err != nil {
			return Notice{}, err
		}
		return s.messageNotice(bare, h.p.Render)
	}
	return s.notice()
}

// recordedEvery is how often a message is looked for that is not recorded yet.
const recordedEvery = 20 * time.Millisecond

// recorded returns the messages that wishes are about. The recorder reads the
// same log at its own pace, so one that is not there yet is waited for.
func (h *Handler) recorded(ctx context.Context, wishes []wish) (map[ingest.MessageID]conversation.Message, error) {
	missing := map[ingest.MessageID]ingest.TenantID{}
	for _, w := range wishes {
		if w.message != "" {
			missing[w.message] = w.event.Tenant
		}
	}
	found := map[ingest.MessageID]conversation.Message{}
	deadline := time.Now().Add(h.p.Patience)
	for {
		if err := h.look(ctx, missing, found); err != nil || len(missing) == 0 || time.Now().After(deadline) {
			return found, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(recordedEvery):
		}
	}
}

// look moves the messages that are there from missing to found.
func (h *Handler) look(ctx context.Context, missing map[ingest.MessageID]ingest.TenantID, found map[ingest.MessageID]conversation.Message) error {
	var mu sync.Mutex
	var wait sync.WaitGroup
	var failed error
	got := map[ingest.MessageID]conversation.Message{}
	for id, tenant := range missing {
		wait.Go(func() {
			m, err := h.p.Messages.Message(ctx, tenant, id)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				got[id] = m
			} else if !errors.Is(err, conversation.ErrNotFound) {
				failed = err
			}
		})
	}
	wait.Wait()
	for id, m := range got {
		found[id] = m
		delete(missing, id)
	}
	return failed
}

// serving tells which agent answers on which channel, reading each tenant's
// agents once, and only where an endpoint asks for it.
type serving struct {
	ctx    context.Context
	agents agents
	known  map[ingest.TenantID][]agent.Agent
	err    error
}

func (h *Handler) ofAgent(ctx context.Context) *serving {
	return &serving{ctx: ctx, agents: h.p.Agents, known: map[ingest.TenantID][]agent.Agent{}}
}

func (s *serving) has(tenant ingest.TenantID) func(ingest.AgentID, ingest.ChannelID) bool {
	return func(id ingest.AgentID, channel ingest.ChannelID) bool {
		list, ok := s.known[tenant]
		if !ok {
			var err error
			if list, err = s.agents.Agents(s.ctx, tenant); err != nil {
				s.err = err
				return false
			}
			s.known[tenant] = list
		}
		return slices.ContainsFunc(list, func(a agent.Agent) bool { return a.ID == id && slices.Contains(a.Channels, channel) })
	}
}
