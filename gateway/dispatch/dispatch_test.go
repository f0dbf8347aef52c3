package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// says answers every call with reason.
func says(e provider.SendError) func(provider.Channel, ingest.Message) error {
	return func(provider.Channel, ingest.Message) error {
		answer := e
		answer.Err = errors.New("as scripted")
		return &answer
	}
}

func TestAMessageIsClaimedBeforeItsProviderIsCalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.handle(append(w.queue("chn_a", "dana", 1, 2, 3), w.queue("chn_a", "finn", 1)...)...)
	if len(w.provider.early) > 0 {
		t.Errorf("the provider was called for %v before they were claimed", w.provider.early)
	}
	w.provider.wantOrder(t, map[string]int{"dana": 3, "finn": 1})
	w.wantStatus("dana-3", ingest.Sent)
	if left := w.parked(); len(left) > 0 {
		t.Errorf("%v are parked, want none", left)
	}
}

func TestRedeliverySendsNothingTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	events := append(w.queue("chn_a", "dana", 1, 2), w.queue("chn_a", "finn", 1)...)
	w.handle(append(events, events...)...)
	w.handle(events[2], events[1], events[0])
	w.provider.wantOrder(t, map[string]int{"dana": 2, "finn": 1})
	for id, n := range w.provider.took {
		if n != 1 {
			t.Errorf("%s was sent %d times", id, n)
		}
	}
}

func TestAMessageOfASenderThatDiedIsUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	events := w.queue("chn_a", "dana", 1)
	if _, err := w.ledger.Claim(t.Context(), acme, []ingest.MessageID{"dana-1"}); err != nil {
		t.Fatal(err)
	}
	w.handle(events...)
	w.wantStatus("dana-1", ingest.Unknown)
	if w.provider.calls != 0 {
		t.Error("a message that may have been sent was sent again")
	}
}

func TestWhatAProviderSaysIsFollowed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		answer   provider.SendError
		status   ingest.Status
		parked   bool
		code     string // first of the message's errors
		optedOut string // category that the contact refuses from now on
	}{
		{name: "unreachable is tried again", answer: provider.SendError{Reason: provider.Unreachable}, status: ingest.Queued, parked: true},
		{name: "throttled waits", answer: provider.SendError{Reason: provider.Throttled, Scope: provider.ScopePair, RetryAfter: time.Hour}, status: ingest.Queued, parked: true},
		{name: "rejected has failed", answer: provider.SendError{Reason: provider.Rejected}, status: ingest.Failed, code: "rejected"},
		{name: "rejected has failed with the provider's code", answer: provider.SendError{Reason: provider.Rejected, Said: ingest.ProviderError{Code: "131009"}}, status: ingest.Failed, code: "131009"},
		{name: "undeliverable has failed", answer: provider.SendError{Reason: provider.Undeliverable}, status: ingest.Failed, code: "undeliverable"},
		{name: "an opt-out has failed and is kept", answer: provider.SendError{Reason: provider.OptedOut}, status: ingest.Failed, code: "opted_out", optedOut: "all"},
		{name: "a marketing opt-out refuses marketing alone", answer: provider.SendError{Reason: provider.OptedOut, Category: "marketing"}, status: ingest.Failed, code: "opted_out", optedOut: "marketing"},
		{name: "a closed window has failed", answer: provider.SendError{Reason: provider.NeedsTemplate}, status: ingest.Failed, code: "window_closed"},
		{name: "a channel that is down keeps its messages", answer: provider.SendError{Reason: provider.ChannelDown}, status: ingest.Queued, parked: true},
		{name: "ambiguous is unknown", answer: provider.SendError{Reason: provider.Ambiguous}, status: ingest.Unknown, code: "ambiguous"},
		{name: "an error nobody knows is unknown", answer: provider.SendError{Reason: "later"}, status: ingest.Unknown, code: "later"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, Config{})
			w.provider.answer = says(tt.answer)
			w.handle(w.queue("chn_a", "dana", 1)...)
			w.wantStatus("dana-1", tt.status)
			if got := len(w.parked()) == 1; got != tt.parked {
				t.Errorf("parked = %v, want %v", got, tt.parked)
			}
			if errs := w.ledger.errors["dana-1"]; tt.code != "" && (len(errs) == 0 || errs[0].Code != tt.code) {
				t.Errorf("errors = %v, want %s first", errs, tt.code)
			}
			var refused string
			for _, p := range w.people.preferences {
				refused = p.Category
			}
			if refused != tt.optedOut {
				t.Errorf("the contact refuses %q, want %q", refused, tt.optedOut)
			}
			w.provider.answer = nil
			w.drain(10)
			if tt.parked {
				w.wantStatus("dana-1", ingest.Sent)
			} else {
				w.wantStatus("dana-1", tt.status)
			}
			if left := w.parked(); len(left) > 0 {
				t.Errorf("%v are still parked", left)
			}
		})
	}
}

func TestAMessageNeverOvertakesAParkedOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	refusals := map[ingest.MessageID]int{"dana-1": 3, "dana-3": 2, "finn-2": 1}
	var mu sync.Mutex
	w.provider.answer = func(_ provider.Channel, m ingest.Message) error {
		mu.Lock()
		defer mu.Unlock()
		if refusals[m.ID]--; refusals[m.ID] >= 0 {
			return &provider.SendError{Reason: provider.Unreachable, Err: errors.New("reset")}
		}
		return nil
	}
	events := append(w.queue("chn_a", "dana", 1, 2), w.queue("chn_a", "finn", 1, 2, 3)...)
	w.handle(events...)
	w.handle(w.queue("chn_a", "dana", 3)...) // comes in a later batch
	w.handle(events...)                      // and all once more
	// finn-1, which was sent, waits too, and goes when it is found to be sent.
	if got, want := w.parked(), []string{"dana-1", "finn-2", "dana-2", "finn-3", "dana-3", "finn-1"}; !sameSet(got, want) {
		t.Errorf("parked = %v, want %v", got, want)
	}
	w.drain(2)
	w.handle(w.queue("chn_a", "dana", 4)...)
	w.drain(20)
	w.provider.wantOrder(t, map[string]int{"dana": 4, "finn": 3})
	if left := w.parked(); len(left) > 0 {
		t.Errorf("%v are still parked", left)
	}
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func TestASlowProviderHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{Patience: time.Second})
	release := make(chan struct{})
	w.provider.answer = func(_ provider.Channel, m ingest.Message) error {
		if m.ID == "dana-1" {
			<-release
		}
		return nil
	}
	// Handle returning at all shows that it does not wait for dana-1.
	w.handle(append(w.queue("chn_a", "dana", 1, 2), w.queue("chn_b", "finn", 1)...)...)
	w.handle(append(w.queue("chn_a", "dana", 3), w.queue("chn_b", "finn", 2)...)...)
	w.wantStatus("finn-2", ingest.Sent)
	w.wantStatus("dana-1", ingest.Sending)
	if got, want := w.parked(), []string{"dana-1", "dana-2", "dana-3"}; !slices.Equal(got, want) {
		t.Errorf("parked = %v, want %v", got, want)
	}
	if rows, err := w.d.Store.lease(t.Context(), 10, time.Minute); err != nil || len(rows) > 0 {
		t.Errorf("lease() = %v, %v, want nothing: dana-1 is under way and the others are behind it", rows, err)
	}
	close(release)
	w.d.background.Wait()
	w.drain(10)
	w.provider.wantOrder(t, map[string]int{"dana": 3, "finn": 2})
}

func TestAMessageUnderWayIsUnknownOnceItsSenderDied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{Patience: time.Second})
	release := make(chan struct{})
	w.provider.answer = func(_ provider.Channel, m ingest.Message) error {
		if m.ID == "dana-1" {
			<-release // the process is gone before the answer comes
		}
		return nil
	}
	w.handle(w.queue("chn_a", "dana", 1, 2)...)
	dead := w.d
	w.d = w.replica(Config{})
	w.drain(5) // the lease has ended
	w.wantStatus("dana-1", ingest.Unknown)
	w.wantStatus("dana-2", ingest.Sent)
	close(release)
	dead.background.Wait()
	if n := w.provider.took["dana-1"]; n != 1 {
		t.Errorf("dana-1 was sent %d times", n)
	}
	w.wantStatus("dana-1", ingest.Sent) // it was alive after all: the answer counts
}

func TestAChannelThatIsDownIsTriedWithOneMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.provider.answer = says(provider.SendError{Reason: provider.ChannelDown, Code: "190"})
	w.handle(w.queue("chn_a", "dana", 1)...)
	w.handle(append(w.queue("chn_a", "finn", 1), w.queue("chn_a", "gwen", 1)...)...)
	if w.provider.calls != 1 {
		t.Errorf("the provider was called %d times, want once: the channel is down", w.provider.calls)
	}
	w.drain(1)
	if w.provider.calls != 2 {
		t.Errorf("the provider was called %d times, want one more: a single message tries the channel", w.provider.calls)
	}
	w.provider.answer = nil
	w.drain(10)
	w.provider.wantOrder(t, map[string]int{"dana": 1, "finn": 1, "gwen": 1})
	if want := []string{"channel_down", "channel_up"}; !slices.Equal(w.notices, want) {
		t.Errorf("notices = %v, want %v", w.notices, want)
	}
}

func TestNewCredentialsAreTriedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.provider.answer = says(provider.SendError{Reason: provider.ChannelDown, Code: "190"})
	w.handle(w.queue("chn_a", "dana", 1)...)
	w.d.tend(t.Context())
	if rows, err := w.d.Store.lease(t.Context(), 10, time.Minute); err != nil || len(rows) > 0 {
		t.Fatalf("lease() = %v, %v, want nothing while the channel is down", rows, err)
	}
	ch := w.channels.of["chn_a"]
	ch.AccessToken = "renewed"
	w.channels.of["chn_a"] = ch
	w.d.tend(t.Context())
	rows, err := w.d.Store.lease(t.Context(), 10, time.Minute)
	if err != nil || len(rows) != 1 {
		t.Errorf("lease() = %v, %v, want the message that waited", rows, err)
	}
}

func TestTestTrafficGoesToTheSimulatorAndStandsApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.provider.answer = func(ch provider.Channel, _ ingest.Message) error {
		if ch.BaseURL == "" {
			return &provider.SendError{Reason: provider.ChannelDown, Err: errors.New("401")}
		}
		return nil
	}
	w.handle(w.queue("chn_a", "dana", 1)...)
	test := ingest.Message{ID: "test-1", Tenant: acme, Channel: "chn_a", Direction: ingest.Outbound, Test: true, Conversation: "cnv_test"}
	made := test
	made.ID, made.Channel, made.Test = "made-1", "chn_made_up", false
	w.handle(w.event(test))
	w.handle(w.event(made))
	w.wantStatus("made-1", ingest.Sent)
	w.wantStatus("dana-1", ingest.Queued)
	w.wantStatus("test-1", ingest.Sent)
	if want := []string{"", "simulator", "simulator"}; !slices.Equal(w.provider.through, want) {
		t.Errorf("sent through %q, want %q", w.provider.through, want)
	}
}

func TestTheGateStandsBeforeTheProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.people.refused = map[ingest.ContactID]bool{"con_dana": true}
	w.handle(append(w.queue("chn_a", "dana", 1), w.queue("chn_a", "finn", 1)...)...)
	w.wantStatus("dana-1", ingest.Failed)
	w.wantStatus("finn-1", ingest.Sent)
	if errs := w.ledger.errors["dana-1"]; len(errs) != 1 || errs[0].Code != string(OptedOut) {
		t.Errorf("errors = %v, want opted_out", errs)
	}
	w.people.shut = true
	w.handle(w.queue("chn_a", "finn", 2)...)
	w.wantStatus("finn-2", ingest.Failed)
	if w.provider.calls != 1 {
		t.Errorf("the provider was called %d times, want once", w.provider.calls)
	}
}

func TestAnOptOutIsHeardOfWithTheLanes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	contacts := contact.NewStore(w.db)
	w.d.Standings = NewStandings(contacts, conversation.NewStore(w.db, contacts, nil))
	var ids []ingest.ContactID
	for i, allowed := range []bool{false, true} {
		party := ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: fmt.Sprintf("+1555555014%d", i)}}}
		if err := contacts.SetPreference(t.Context(), acme, ingest.Preference{Channel: "chn_a", Party: party, Category: "all", Allowed: allowed, Source: "keyword", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		if err := w.db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
			var id ingest.ContactID
			err := tx.QueryRow(t.Context(), `SELECT contact_id FROM contact_identifiers WHERE tenant_id = $1 AND value = $2`, acme, party.Address()).Scan(&id)
			ids = append(ids, id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	queue := func(id string, to ingest.ContactID, category string) ingest.Event {
		return w.event(ingest.Message{
			ID: ingest.MessageID(id), Tenant: acme, Channel: "chn_a", Conversation: ingest.ConversationID("cnv_" + id), Contact: to, Direction: ingest.Outbound,
			Category: category, Content: ingest.Content{Type: ingest.Text, Text: "hello"}, WindowUntil: time.Now().Add(time.Hour),
		})
	}
	w.handle(queue("refused", ids[0], Service), queue("confirmed", ids[0], Confirmation), queue("allowed", ids[1], Service), queue("stranger", "", Service))
	w.wantStatus("refused", ingest.Failed)
	for _, id := range []ingest.MessageID{"confirmed", "allowed", "stranger"} {
		w.wantStatus(id, ingest.Sent)
	}
}

func TestABudgetIsSpentOnceAMessage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.people.policy.DailyBudget = 2
	var events []ingest.Event
	for i, category := range []string{Marketing, Service, Utility, Marketing} {
		events = append(events, w.event(ingest.Message{
			ID: ingest.MessageID(fmt.Sprintf("dana-%d", i+1)), Tenant: acme, Channel: "chn_a", Conversation: "cnv_dana",
			Direction: ingest.Outbound, Category: category,
		}))
	}
	w.provider.answer = says(provider.SendError{Reason: provider.Unreachable})
	w.handle(events...)
	w.drain(2)
	w.provider.answer = nil
	w.drain(10)
	for i, want := range []ingest.Status{ingest.Sent, ingest.Sent, ingest.Sent, ingest.Failed} {
		w.wantStatus(ingest.MessageID(fmt.Sprintf("dana-%d", i+1)), want)
	}
	gate := NewGate(w.channels, w.people, w.people, w.d.Store)
	var refusal *Refusal
	err := gate.Check(t.Context(), acme, ingest.Message{Channel: "chn_a", Category: Utility})
	if !errors.As(err, &refusal) || refusal.Code != BudgetExceeded {
		t.Errorf("Check() = %v, want budget_exceeded", err)
	}
	w.channels.of["chn_g"] = provider.Channel{Tenant: globex, ID: "chn_g", Type: provider.WhatsApp}
	if err := gate.Check(t.Context(), globex, ingest.Message{Channel: "chn_g", Category: Utility}); err != nil {
		t.Errorf("Check() = %v for a tenant that has sent nothing", err)
	}
}

func TestQuietHoursHoldAMessageBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	now := time.Now().UTC()
	since := time.Duration(now.Hour())*time.Hour + time.Duration(now.Minute())*time.Minute
	w.people.policy = Policy{QuietFrom: (since + 23*time.Hour) % (24 * time.Hour), QuietUntil: (since + time.Hour) % (24 * time.Hour)}
	w.handle(w.event(ingest.Message{ID: "dana-1", Tenant: acme, Channel: "chn_a", Conversation: "cnv_dana", Direction: ingest.Outbound, Category: Marketing}))
	w.wantStatus("dana-1", ingest.Queued)
	w.people.policy = Policy{}
	w.drain(5)
	w.wantStatus("dana-1", ingest.Sent)
}

func TestPacedMessagesWaitWithoutHoldingUpOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.channels.of["chn_sms"] = provider.Channel{Tenant: acme, ID: "chn_sms", Type: provider.Twilio, Ref: "+15555550101"}
	var events []ingest.Event
	for i := range 5 {
		events = append(events, w.queue("chn_sms", fmt.Sprintf("p%d", i), 1)...)
	}
	w.handle(append(events, w.queue("chn_b", "finn", 1)...)...)
	w.wantStatus("finn-1", ingest.Sent)
	if got := len(w.parked()); got != 4 {
		t.Errorf("%d messages are parked, want 4 of 5: a long code sends one a second", got)
	}
	var spread time.Duration
	w.sql(func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT max(due_at) - min(due_at) FROM dispatch_parked`).Scan(&spread)
	})
	if spread != 3*time.Second {
		t.Errorf("they are due within %v, want 3 s: each has its own slot", spread)
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{MaxAttempts: 3})
	w.provider.answer = says(provider.SendError{Reason: provider.Unreachable})
	w.handle(w.queue("chn_a", "dana", 1)...)
	w.drain(10)
	w.wantStatus("dana-1", ingest.Failed)
	if w.provider.calls != 3 {
		t.Errorf("the provider was called %d times, want 3", w.provider.calls)
	}
}

func TestAMessageIsNotKeptForever(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{MaxWait: time.Hour})
	w.provider.answer = says(provider.SendError{Reason: provider.Throttled})
	w.handle(w.queue("chn_a", "dana", 1)...)
	w.sql(func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE dispatch_parked SET parked_at = now() - interval '61 minutes'`)
		return err
	})
	w.drain(5)
	w.wantStatus("dana-1", ingest.Failed)
	if errs := w.ledger.errors["dana-1"]; len(errs) != 1 || errs[0].Code != "expired" {
		t.Errorf("errors = %v, want expired", errs)
	}
}

func TestReplicasShareTheWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{Poll: 5 * time.Millisecond})
	w.provider.answer = says(provider.SendError{Reason: provider.Unreachable})
	var events []ingest.Event
	lanes := map[string]int{}
	for i := range 10 {
		name := fmt.Sprintf("p%d", i)
		lanes[name] = 4
		events = append(events, w.queue("chn_a", name, 1, 2, 3, 4)...)
	}
	w.handle(events...)
	w.provider.answer = nil
	w.hurry()
	ctx, stop := context.WithCancel(t.Context())
	var replicas sync.WaitGroup
	for range 3 {
		d := w.replica(Config{Poll: 5 * time.Millisecond})
		replicas.Go(func() {
			if err := d.Run(ctx); err != nil {
				t.Errorf("Run() = %v", err)
			}
		})
	}
	for deadline := time.Now().Add(20 * time.Second); len(w.parked()) > 0 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	replicas.Wait()
	w.provider.wantOrder(t, lanes)
}

func TestNothingIsSentWhatCannotBeClaimed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.ledger.fail = errors.New("no database")
	events := append(w.queue("chn_a", "dana", 1, 2), w.queue("chn_a", "finn", 1)...)
	for i, err := range w.d.Handle(t.Context(), events) {
		if err == nil {
			t.Errorf("event %d is taken for done", i)
		}
	}
	w.ledger.fail = nil
	w.handle(events...)
	w.provider.wantOrder(t, map[string]int{"dana": 2, "finn": 1})
}

func TestWhatCanNeverBeTakenIsMalformed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	good := w.queue("chn_a", "dana", 1)[0]
	other := good
	other.Tenant = globex
	garbage := good
	garbage.Data = []byte(`{"id": 7}`)
	errs := w.d.Handle(t.Context(), []ingest.Event{garbage, good, other})
	if !errors.Is(errs[0], ingest.ErrMalformed) || errs[1] != nil || !errors.Is(errs[2], ingest.ErrMalformed) {
		t.Errorf("errors = %v, want the first and the last malformed", errs)
	}
	w.wantStatus("dana-1", ingest.Sent)
}
