package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/outbox"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

const (
	acme    ingest.TenantID  = "acme"
	globex  ingest.TenantID  = "globex"
	channel ingest.ChannelID = "chn_1"
)

func open(t *testing.T) (*tenantdb.DB, *conversation.Store) {
	t.Helper()
	db := schematest.Postgres(t)
	return db, conversation.NewStore(db, contact.NewStore(db, conversation.Repoint), nil)
}

func draft(text string) conversation.Draft {
	return conversation.Draft{
		Channel: channel, To: ingest.Identifier{Kind: ingest.Phone, Value: "+15550001"}, Provider: "whatsapp",
		Content: ingest.Content{Type: ingest.Text, Text: text},
	}
}

func send(t *testing.T, s *conversation.Store, d conversation.Draft) conversation.Message {
	t.Helper()
	m, err := s.Send(t.Context(), acme, d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// published returns the events that the outbox holds, and empties it.
func published(t *testing.T, db *tenantdb.DB) []ingest.Event {
	t.Helper()
	sink := &sink{}
	if _, err := outbox.NewRelay(db, sink, outbox.Config{}).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return sink.events
}

type sink struct{ events []ingest.Event }

func (s *sink) Publish(_ context.Context, records ...ingest.Record) error {
	for _, r := range records {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			return err
		}
		s.events = append(s.events, e)
	}
	return nil
}

func types(events []ingest.Event) []string {
	out := []string{}
	for _, e := range events {
		name := string(e.Type)
		if name == "contact.created" { // the contacts' business
			continue
		}
		if e.Type == ingest.MessageStatus {
			var c ingest.StatusChange
			if e.DecodeData(&c) == nil {
				name += ":" + string(c.Status)
			}
		}
		out = append(out, name)
	}
	return out
}

func TestSendQueuesAndAnnounces(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	m := send(t, s, draft("hello"))
	if m.Status != ingest.Queued || m.Number != 1 || m.Contact == "" || m.Conversation == "" {
		t.Errorf("sent %+v", m)
	}
	if got := types(published(t, db)); !cmp.Equal(got, []string{"conversation.opened", "message.queued"}) {
		t.Errorf("announced %v", got)
	}
	again := send(t, s, draft("more"))
	if again.Conversation != m.Conversation || again.Contact != m.Contact {
		t.Errorf("a second message opened another conversation: %+v", again)
	}
	c, err := s.Conversation(t.Context(), acme, m.Conversation)
	if err != nil || c.Version != 3 || c.State != conversation.Open || c.Owner != conversation.Bot {
		t.Errorf("conversation %+v, %v; want version 3, open, bot", c, err)
	}
	stored, err := s.Message(t.Context(), acme, m.ID)
	if diff := cmp.Diff(m, stored, cmpopts.EquateApproxTime(time.Millisecond)); err != nil || diff != "" {
		t.Errorf("stored message differs (%v):\n%s", err, diff)
	}
}

func TestSendByRequestKey(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	first := draft("hello")
	first.RequestKey = "k1"
	m := send(t, s, first)
	other := first
	other.Content.Text = "bye"
	tests := []struct {
		name   string
		tenant ingest.TenantID
		draft  conversation.Draft
		same   bool
		want   error
	}{
		{"same draft again", acme, first, true, nil},
		{"another text under the key", acme, other, false, conversation.ErrKeyReused},
		{"same key of another tenant", globex, other, false, nil},
	}
	for _, tt := range tests {
		got, err := s.Send(t.Context(), tt.tenant, tt.draft)
		if !errors.Is(err, tt.want) || (got.ID == m.ID) != tt.same {
			t.Errorf("%s: %s, %v; first was %s", tt.name, got.ID, err, m.ID)
		}
	}
}

func TestSendByRequestKeyAtOnce(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	d := draft("hello")
	d.RequestKey = "k1"
	var mu sync.Mutex
	ids := map[ingest.MessageID]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := s.Send(t.Context(), acme, d)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			ids[m.ID]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if len(ids) != 1 {
		t.Errorf("8 sends under one key made %d messages", len(ids))
	}
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	m := send(t, s, draft("hello"))
	if _, err := s.Close(t.Context(), acme, m.Conversation, "key_1"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		tenant ingest.TenantID
		change func(*conversation.Draft)
		want   error
	}{
		{"closed conversation", acme, func(d *conversation.Draft) { d.Conversation = m.Conversation }, conversation.ErrClosed},
		{"another tenant's conversation", globex, func(d *conversation.Draft) { d.Conversation = m.Conversation }, conversation.ErrNotFound},
		{"another tenant's contact", globex, func(d *conversation.Draft) { d.Contact = m.Contact }, conversation.ErrNotFound},
		{"nobody to send to", acme, func(d *conversation.Draft) { d.To = ingest.Identifier{} }, conversation.ErrInvalid},
		{"no channel", acme, func(d *conversation.Draft) { d.Channel = "" }, conversation.ErrInvalid},
		{"no content", acme, func(d *conversation.Draft) { d.Content = ingest.Content{} }, conversation.ErrInvalid},
		{"category that passes an opt-out", acme, func(d *conversation.Draft) { d.Category = "confirmation" }, conversation.ErrInvalid},
	}
	for _, tt := range tests {
		d := draft("hello")
		tt.change(&d)
		if _, err := s.Send(t.Context(), tt.tenant, d); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	m := send(t, s, draft("hello"))
	published(t, db)
	claim := func(want bool, status ingest.Status) {
		t.Helper()
		got, claimed, err := s.Claim(t.Context(), acme, m.ID)
		if err != nil || claimed != want || got.Status != status || got.Contact != m.Contact || got.Content.Text != "hello" {
			t.Fatalf("Claim = %s, %v, %v; want %s, %v", got.Status, claimed, err, status, want)
		}
	}
	claim(true, ingest.Sending)
	claim(false, ingest.Unknown) // its sender died after the first claim
	if got := types(published(t, db)); !cmp.Equal(got, []string{"message.status:unknown"}) {
		t.Errorf("announced %v", got)
	}
	claim(false, ingest.Unknown)
	if _, _, err := s.Claim(t.Context(), globex, m.ID); !errors.Is(err, conversation.ErrNotFound) {
		t.Errorf("another tenant's claim: %v, want ErrNotFound", err)
	}
}

func TestClaimAtOnceIsOne(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	var wg sync.WaitGroup
	for i := range 20 {
		m := send(t, s, draft(fmt.Sprint(i)))
		var mu sync.Mutex
		claims := 0
		for range 4 {
			wg.Go(func() {
				_, claimed, err := s.Claim(t.Context(), acme, m.ID)
				if err != nil {
					t.Error(err)
				}
				if claimed {
					mu.Lock()
					claims++
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if claims != 1 {
			t.Errorf("message %d was claimed %d times", i, claims)
		}
	}
}

func receipt(m conversation.Message, provider string, status ingest.Status, at int) ingest.Receipt {
	return ingest.Receipt{Tenant: acme, Channel: channel, ProviderID: provider, Status: status, At: time.Unix(1_700_000_000+int64(at), 0).UTC()}
}

func TestReceiptsInAnyOrderLeaveTheSameState(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	fault := []ingest.ProviderError{{Code: "131026"}}
	var want *conversation.Message
	for seed := range uint64(24) {
		m := send(t, s, draft("hello"))
		name := fmt.Sprint("wamid.", seed)
		if _, _, err := s.Claim(t.Context(), acme, m.ID); err != nil {
			t.Fatal(err)
		}
		failed := receipt(m, name, ingest.Failed, 2)
		failed.Errors = fault
		settle := func() error {
			return s.Settle(t.Context(), acme, m.ID, conversation.Settlement{Status: ingest.Sent, ProviderID: name, At: time.Unix(1_700_000_001, 0)})
		}
		apply := func(r ingest.Receipt) func() error {
			return func() error { return s.ApplyReceipts(t.Context(), acme, []ingest.Receipt{r}) }
		}
		words := []func() error{settle}
		for range 3 {
			words = append(words, apply(receipt(m, name, ingest.Sent, 1)), apply(failed), apply(receipt(m, name, ingest.Delivered, 3)), apply(receipt(m, name, ingest.Read, 4)))
		}
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		for _, word := range words {
			if err := word(); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Message(t.Context(), acme, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		got.Message, got.Number, got.CreatedAt = ingest.Message{}, 0, time.Time{}
		if want == nil {
			want = &got
		}
		if diff := cmp.Diff(*want, got); diff != "" || got.Status != ingest.Read {
			t.Errorf("seed %d ended %s:\n%s", seed, got.Status, diff)
		}
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	tests := []struct {
		name     string
		to       conversation.Settlement
		want     ingest.Status
		announce []string
	}{
		{"sent", conversation.Settlement{Status: ingest.Sent, ProviderID: "p1"}, ingest.Sent, []string{"message.status:sent"}},
		{"failed", conversation.Settlement{Status: ingest.Failed, Errors: []ingest.ProviderError{{Code: "1"}}}, ingest.Failed, []string{"message.status:failed"}},
		{"unknown", conversation.Settlement{Status: ingest.Unknown}, ingest.Unknown, []string{"message.status:unknown"}},
		{"to be tried again", conversation.Settlement{Status: ingest.Queued}, ingest.Queued, []string{}},
	}
	for _, tt := range tests {
		m := send(t, s, draft(tt.name))
		if _, _, err := s.Claim(t.Context(), acme, m.ID); err != nil {
			t.Fatal(err)
		}
		published(t, db)
		if err := s.Settle(t.Context(), acme, m.ID, tt.to); err != nil {
			t.Fatal(err)
		}
		got, err := s.Message(t.Context(), acme, m.ID)
		if err != nil || got.Status != tt.want || got.ProviderID != tt.to.ProviderID || len(got.Errors) != len(tt.to.Errors) {
			t.Errorf("%s: %+v, %v", tt.name, got, err)
		}
		if told := types(published(t, db)); !cmp.Equal(told, tt.announce) {
			t.Errorf("%s: announced %v, want %v", tt.name, told, tt.announce)
		}
	}
}

func TestAReceiptSettlesTheUnknown(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	m := send(t, s, draft("hello"))
	for range 2 {
		if _, _, err := s.Claim(t.Context(), acme, m.ID); err != nil {
			t.Fatal(err)
		}
	}
	r := receipt(m, "wamid.1", ingest.Delivered, 1)
	r.Correlation = m.ID
	if err := s.ApplyReceipts(t.Context(), globex, []ingest.Receipt{r}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Message(t.Context(), acme, m.ID); got.Status != ingest.Unknown {
		t.Errorf("another tenant's receipt made the message %s", got.Status)
	}
	if err := s.ApplyReceipts(t.Context(), acme, []ingest.Receipt{r}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Message(t.Context(), acme, m.ID); got.Status != ingest.Delivered || got.ProviderID != "wamid.1" {
		t.Errorf("after the receipt: %s %q", got.Status, got.ProviderID)
	}
}

// Receipts race with the settlement that gives their message its name.
func TestEarlyReceiptsAreNeverLost(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	for i := range 30 {
		m := send(t, s, draft("hello"))
		if _, _, err := s.Claim(t.Context(), acme, m.ID); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprint("p", i)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := s.Settle(t.Context(), acme, m.ID, conversation.Settlement{Status: ingest.Sent, ProviderID: name}); err != nil {
				t.Error(err)
			}
		})
		for _, status := range []ingest.Status{ingest.Delivered, ingest.Read} {
			wg.Go(func() {
				if err := s.ApplyReceipts(t.Context(), acme, []ingest.Receipt{receipt(m, name, status, 5)}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, err := s.Message(t.Context(), acme, m.ID)
		if err != nil || got.Status != ingest.Read || got.DeliveredAt.IsZero() {
			t.Fatalf("round %d: %s, delivered %v, %v", i, got.Status, got.DeliveredAt, err)
		}
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	id := send(t, s, draft("hello")).Conversation
	published(t, db)
	steps := []struct {
		name     string
		do       func() (conversation.Conversation, error)
		owner    conversation.Owner
		state    conversation.State
		announce []string
	}{
		{"hand off", func() (conversation.Conversation, error) { return s.HandOff(t.Context(), acme, id, "asked", "key_1") }, conversation.Person, conversation.Open, []string{"handoff.requested"}},
		{"hand off again", func() (conversation.Conversation, error) { return s.HandOff(t.Context(), acme, id, "asked", "key_1") }, conversation.Person, conversation.Open, []string{}},
		{"resume", func() (conversation.Conversation, error) { return s.Resume(t.Context(), acme, id, "key_1") }, conversation.Bot, conversation.Open, []string{"conversation.resumed"}},
		{"close", func() (conversation.Conversation, error) { return s.Close(t.Context(), acme, id, "key_1") }, conversation.Bot, conversation.Closed, []string{"conversation.closed"}},
		{"close again", func() (conversation.Conversation, error) { return s.Close(t.Context(), acme, id, "key_1") }, conversation.Bot, conversation.Closed, []string{}},
	}
	version := int64(2)
	for _, step := range steps {
		c, err := step.do()
		version += int64(len(step.announce))
		if err != nil || c.Owner != step.owner || c.State != step.state || c.Version != version {
			t.Errorf("%s: %+v, %v; want version %d", step.name, c, err, version)
		}
		if told := types(published(t, db)); !cmp.Equal(told, step.announce) {
			t.Errorf("%s: announced %v", step.name, told)
		}
	}
	if _, err := s.Resume(t.Context(), acme, id, "key_1"); !errors.Is(err, conversation.ErrClosed) {
		t.Errorf("resume of a closed conversation: %v", err)
	}
	if _, err := s.Close(t.Context(), globex, id, "key_1"); !errors.Is(err, conversation.ErrNotFound) {
		t.Errorf("another tenant's close: %v", err)
	}
}

func TestRecordSwallowsRepeats(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	id := send(t, s, draft("hello")).Conversation
	at := time.Unix(1_700_000_000, 0).UTC()
	where, err := s.Conversation(t.Context(), acme, id)
	if err != nil {
		t.Fatal(err)
	}
	in := func(provider string, at time.Time) conversation.Arrival {
		m := ingest.Message{ID: ingest.InboundID(acme, channel, at, provider), Channel: channel, ProviderID: provider, At: at, Content: ingest.Content{Type: ingest.Text}}
		return conversation.Arrival{
			Opening: conversation.Opening{Channel: channel, Contact: where.Contact}, Message: m, Raw: []byte(`{"content":{"text":"a \u0000 b"}}`), Prompt: true,
		}
	}
	record := func(list ...conversation.Arrival) int {
		t.Helper()
		fresh := 0
		err := db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
			var last pgx.Batch
			got, err := s.Record(t.Context(), tx, &last, acme, list)
			if err == nil && last.Len() > 0 {
				err = tx.SendBatch(t.Context(), &last).Close()
			}
			for _, one := range got {
				if fresh += btoi(one.Fresh); one.Fresh && (one.ID != id || one.Opened || *one.Number == 0) {
					t.Errorf("stored as %+v, want it in the conversation that is open, with its number", one)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	if n := record(in("a", at), in("b", at.Add(-time.Hour)), in("a", at)); n != 2 {
		t.Errorf("three messages with a repeat stored %d, want 2", n)
	}
	before, _ := s.Conversation(t.Context(), acme, id)
	if n := record(in("b", at.Add(-time.Hour)), in("a", at.Add(time.Second))); n != 0 {
		t.Errorf("repeats stored %d more; the provider's id is the same although its time is not", n)
	}
	after, _ := s.Conversation(t.Context(), acme, id)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("repeats changed the conversation:\n%s", diff)
	}
	if !after.LastInboundAt.Equal(at) || !after.WindowUntil.Equal(at.Add(24*time.Hour)) {
		t.Errorf("window until %v, want a day after the latest message", after.WindowUntil)
	}
	list, _, err := s.Messages(t.Context(), acme, conversation.MessageFilter{Conversation: id, Direction: ingest.Inbound})
	if err != nil || len(list) != 2 || list[1].Content.Text != "a \x00 b" {
		t.Errorf("stored %+v, %v; want the text back with its NUL", list, err)
	}
	st, err := s.Standing(t.Context(), acme, channel, after.Contact)
	if err != nil || !st.WindowUntil.Equal(after.WindowUntil) || !st.TestWindowUntil.IsZero() {
		t.Errorf("standing %+v, %v", st, err)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestLists(t *testing.T) {
	t.Parallel()
	_, s := open(t)
	var want []ingest.MessageID
	for i := range 7 {
		want = append([]ingest.MessageID{send(t, s, draft(fmt.Sprint(i))).ID}, want...)
	}
	first, _ := s.Message(t.Context(), acme, want[0])
	tests := []struct {
		name   string
		tenant ingest.TenantID
		filter conversation.MessageFilter
		want   int
	}{
		{"of the conversation", acme, conversation.MessageFilter{Conversation: first.Conversation}, 7},
		{"all", acme, conversation.MessageFilter{}, 7},
		{"of the contact", acme, conversation.MessageFilter{Contact: first.Contact}, 7},
		{"inbound", acme, conversation.MessageFilter{Direction: ingest.Inbound}, 0},
		{"before they were", acme, conversation.MessageFilter{Until: time.Now().Add(-time.Hour)}, 0},
		{"of another tenant", globex, conversation.MessageFilter{}, 0},
		{"of another tenant's conversation", globex, conversation.MessageFilter{Conversation: first.Conversation}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []ingest.MessageID
			tt.filter.Limit = 3
			for more := true; more; more = tt.filter.After != "" {
				list, next, err := s.Messages(t.Context(), tt.tenant, tt.filter)
				if err != nil || len(list) > 3 {
					t.Fatalf("page of %d, %v", len(list), err)
				}
				for _, m := range list {
					got = append(got, m.ID)
				}
				tt.filter.After = next
			}
			if len(got) != tt.want {
				t.Errorf("%d messages, want %d", len(got), tt.want)
			}
			if tt.filter.Conversation != "" && tt.want > 0 && !cmp.Equal(got, want) {
				t.Errorf("order %v, want %v", got, want)
			}
		})
	}
	open, _, err := s.Conversations(t.Context(), acme, conversation.Filter{State: conversation.Open, Channel: channel, Owner: conversation.Bot, Contact: first.Contact})
	if err != nil || len(open) != 1 || open[0].ID != first.Conversation {
		t.Errorf("conversations %+v, %v", open, err)
	}
	if none, _, _ := s.Conversations(t.Context(), globex, conversation.Filter{}); len(none) != 0 {
		t.Errorf("another tenant sees %d conversations", len(none))
	}
}
