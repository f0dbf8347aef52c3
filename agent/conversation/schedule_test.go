package conversation_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// plan is a message to a contact who is there.
func plan(t *testing.T, s *contact.Store, text string) conversation.Plan {
	t.Helper()
	to := ingest.Identifier{Kind: ingest.Phone, Value: "+15550001"}
	c, err := s.Admit(t.Context(), acme, ingest.Party{Identifiers: []ingest.Identifier{to}})
	if err != nil {
		t.Fatal(err)
	}
	return conversation.Plan{Contact: c.ID, To: to, Content: ingest.Content{Type: ingest.Text, Text: text}}
}

func handOver(id ingest.MessageID, p conversation.Plan) conversation.Draft {
	d := draft(p.Content.Text)
	d.Scheduled = id
	return d
}

func TestScheduleHandsOverOnce(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	p := plan(t, contact.NewStore(db), "later")
	m, err := s.Schedule(t.Context(), acme, p, "", time.Now().Add(-time.Second), "k")
	if err != nil || m.Status != ingest.Scheduled {
		t.Fatalf("scheduled %+v, %v", m, err)
	}
	if again, err := s.Schedule(t.Context(), acme, p, "", m.At, "k"); err != nil || again.ID != m.ID {
		t.Errorf("the same request again: %s, %v; want %s", again.ID, err, m.ID)
	}
	if _, err := s.Schedule(t.Context(), acme, p, "", m.At.Add(time.Hour), "k"); !errors.Is(err, conversation.ErrKeyReused) {
		t.Errorf("another request under the key: %v", err)
	}
	due, err := s.DueMessages(t.Context(), 10, time.Minute)
	if err != nil || len(due) != 1 || due[0].ID != m.ID || due[0].Tenant != acme {
		t.Fatalf("due: %+v, %v", due, err)
	}
	if more, err := s.DueMessages(t.Context(), 10, time.Minute); err != nil || len(more) != 0 {
		t.Errorf("taken twice: %+v, %v", more, err)
	}
	var sent atomic.Int32
	var wg sync.WaitGroup
	for range 16 { // sixteen workers whose leases ran out
		wg.Go(func() {
			_, err := s.Send(t.Context(), acme, handOver(m.ID, p))
			switch {
			case err == nil:
				sent.Add(1)
			case !errors.Is(err, conversation.ErrNotScheduled):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := s.Message(t.Context(), acme, m.ID); sent.Load() != 1 || err != nil || got.Status != ingest.Queued {
		t.Errorf("handed over %d times, message %+v, %v", sent.Load(), got, err)
	}
	if got := types(published(t, db)); !cmp.Equal(got, []string{"conversation.opened", "message.queued"}) {
		t.Errorf("announced %v", got)
	}
	if again, err := s.Schedule(t.Context(), acme, p, "", m.At, "k"); err != nil || again.ID != m.ID || again.Status != ingest.Queued {
		t.Errorf("the request repeated after it was sent: %+v, %v; want the message", again, err)
	}
	if _, err := s.CancelScheduled(t.Context(), acme, m.ID); !errors.Is(err, conversation.ErrNotScheduled) {
		t.Errorf("cancelled after it was sent: %v", err)
	}
}

func TestScheduleCancelAgainstHandOver(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	p := plan(t, contact.NewStore(db), "later")
	for range 20 {
		m, err := s.Schedule(t.Context(), acme, p, "", time.Now(), "")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var sendErr, cancelErr error
		wg.Go(func() { _, sendErr = s.Send(t.Context(), acme, handOver(m.ID, p)) })
		wg.Go(func() { _, cancelErr = s.CancelScheduled(t.Context(), acme, m.ID) })
		wg.Wait()
		if (sendErr == nil) == (cancelErr == nil) {
			t.Fatalf("send %v, cancel %v; want one of them to win", sendErr, cancelErr)
		}
	}
}

func TestScheduledKeepsWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	p := plan(t, contact.NewStore(db), "later")
	m, err := s.Schedule(t.Context(), acme, p, channel, time.Now().Add(time.Hour), "")
	if err != nil {
		t.Fatal(err)
	}
	d := conversation.Draft{Scheduled: m.ID, Conversation: "cnv_none", Content: p.Content}
	if _, err := s.Send(t.Context(), acme, d); !errors.Is(err, conversation.ErrNotFound) {
		t.Fatalf("into no conversation: %v", err)
	}
	got, err := s.Scheduled(t.Context(), acme, m.ID)
	if err != nil || got.Status != ingest.Scheduled {
		t.Fatalf("after a send that failed: %+v, %v; want it scheduled still", got, err)
	}
	if _, err := s.Scheduled(t.Context(), globex, m.ID); !errors.Is(err, conversation.ErrNotFound) {
		t.Errorf("another tenant sees it: %v", err)
	}
	if _, err := s.CancelScheduled(t.Context(), globex, m.ID); !errors.Is(err, conversation.ErrNotFound) {
		t.Errorf("another tenant cancels it: %v", err)
	}
	later := time.Now().Add(2 * time.Hour)
	if got, err := s.Reschedule(t.Context(), acme, m.ID, later); err != nil || got.At.Sub(later).Abs() > time.Millisecond {
		t.Errorf("rescheduled to %v, %v", got.At, err)
	}
	if list, _, err := s.ScheduledMessages(t.Context(), acme, conversation.MessageFilter{Status: ingest.Scheduled, Channel: channel, Until: later.Add(time.Minute)}); err != nil || len(list) != 1 {
		t.Errorf("listed %+v, %v", list, err)
	}
	moved, err := s.Scheduled(t.Context(), acme, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.FailScheduled(t.Context(), conversation.Due{Tenant: acme, ID: m.ID, SendAt: moved.At}, ingest.ProviderError{Code: "not_found"}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Scheduled(t.Context(), acme, m.ID); got.Status != ingest.Failed || got.Errors[0].Code != "not_found" {
		t.Errorf("failed: %+v", got)
	}
	if got := types(published(t, db)); !cmp.Equal(got, []string{"message.status:failed"}) {
		t.Errorf("announced %v", got)
	}
}

// TestSendTogether sends many at once, good and bad ones, and to people whom
// nobody knows yet.
func TestSendTogether(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	const n = 60
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			d := draft("hello")
			d.To.Value = fmt.Sprintf("+1555%04d", i%20)
			if i%5 == 0 {
				d = conversation.Draft{Conversation: "cnv_none", Content: d.Content}
			}
			if i%7 == 0 {
				d.RequestKey = "same"
			}
			_, errs[i] = s.Send(t.Context(), acme, d)
		})
	}
	wg.Wait()
	keyed := 0
	for i, err := range errs {
		switch {
		case i%5 == 0:
			if err == nil {
				t.Errorf("%d went into a conversation that there is not", i)
			}
		case i%7 == 0:
			if err == nil {
				keyed++
			} else if !errors.Is(err, conversation.ErrKeyReused) {
				t.Errorf("%d under the key: %v", i, err)
			}
		case err != nil:
			t.Errorf("%d: %v", i, err)
		}
	}
	if keyed != 1 {
		t.Errorf("%d messages under one key to several people, want one", keyed)
	}
	var messages, numbers int
	err := db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*), count(DISTINCT number) FROM messages`).Scan(&messages, &numbers)
	})
	queued := 0
	for _, name := range types(published(t, db)) {
		if name == "message.queued" {
			queued++
		}
	}
	if err != nil || messages != queued || numbers != messages || messages < 40 {
		t.Errorf("%d messages with %d numbers stored, %d announced, %v", messages, numbers, queued, err)
	}
}

// TestSchedulePutOffWhileTaken gives a message another time between its being
// taken and its being handed over.
func TestSchedulePutOffWhileTaken(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	p := plan(t, contact.NewStore(db), "later")
	m, err := s.Schedule(t.Context(), acme, p, "", time.Now().Add(-time.Second), "")
	if err != nil {
		t.Fatal(err)
	}
	due, err := s.DueMessages(t.Context(), 10, time.Minute)
	if err != nil || len(due) != 1 || due[0].Attempts != 1 {
		t.Fatalf("due: %+v, %v; want one at its first attempt", due, err)
	}
	if _, err := s.Reschedule(t.Context(), acme, m.ID, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	d := handOver(m.ID, p)
	d.ScheduledFor = due[0].SendAt
	if _, err := s.Send(t.Context(), acme, d); !errors.Is(err, conversation.ErrNotScheduled) {
		t.Errorf("handed over at the time that it had before: %v", err)
	}
	if err := s.FailScheduled(t.Context(), due[0], ingest.ProviderError{Code: "not_found"}); err != nil {
		t.Errorf("ended at the time that it had before: %v", err)
	}
	if got, err := s.Scheduled(t.Context(), acme, m.ID); err != nil || got.Status != ingest.Scheduled {
		t.Errorf("after that: %+v, %v", got, err)
	}
	again, err := s.Reschedule(t.Context(), acme, m.ID, time.Now().Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if due, err = s.DueMessages(t.Context(), 10, time.Minute); err != nil || len(due) != 1 || due[0].Attempts != 1 {
		t.Fatalf("due anew: %+v, %v", due, err)
	}
	d.ScheduledFor = due[0].SendAt
	if got, err := s.Send(t.Context(), acme, d); err != nil || got.ID != again.ID {
		t.Errorf("at its new time: %+v, %v", got, err)
	}
}

// TestOneKeyForNowAndLater uses the key of a scheduled message for one that is
// sent at once.
func TestOneKeyForNowAndLater(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	p := plan(t, contact.NewStore(db), "later")
	m, err := s.Schedule(t.Context(), acme, p, "", time.Now(), "k")
	if err != nil {
		t.Fatal(err)
	}
	now := draft("now")
	now.RequestKey = "k"
	if _, err := s.Send(t.Context(), acme, now); !errors.Is(err, conversation.ErrKeyReused) {
		t.Errorf("sent under the key of a scheduled one: %v", err)
	}
	now.RequestKey = "taken"
	send(t, s, now)
	err = db.InTenant(t.Context(), acme, func(tx pgx.Tx) error { // as two that raced leave it
		_, err := tx.Exec(t.Context(), `UPDATE scheduled_messages SET request_key = 'taken' WHERE id = $1`, m.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(t.Context(), acme, handOver(m.ID, p)); !errors.Is(err, conversation.ErrKeyReused) {
		t.Errorf("handed over under a key that is taken: %v", err)
	}
}

// TestSendersDoNotShareTheirNames sends at once on behalf of many, and looks for
// each in the audit log beside what they sent.
func TestSendersDoNotShareTheirNames(t *testing.T) {
	t.Parallel()
	db, s := open(t)
	send(t, s, draft("first")) // opens the conversation
	want := map[string]string{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			key := fmt.Sprintf("key_%d", i%4)
			ctx := tenantdb.As(t.Context(), tenantdb.Actor{Kind: tenantdb.ByKey, ID: key, Action: "sendMessage", Request: fmt.Sprintf("req_%d", i)})
			m, err := s.Send(ctx, acme, draft("hello"))
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			want[string(m.ID)] = fmt.Sprintf("%s req_%d", key, i)
		})
	}
	wg.Wait()
	got := map[string]string{}
	err := db.InTenant(t.Context(), acme, func(tx pgx.Tx) error {
		rows, err := tx.Query(t.Context(), `SELECT object_id, actor_id || ' ' || request_id FROM audit_log WHERE object = 'message'`)
		if err != nil {
			return err
		}
		var id, who string
		_, err = pgx.ForEachRow(rows, []any{&id, &who}, func() error { got[id] = who; return nil })
		return err
	})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("who sent what: %v\n%s", err, diff)
	}
}
