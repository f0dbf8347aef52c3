package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/outbox"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

// log keeps what was published and fails as long as fault is set.
type log struct {
	mu      sync.Mutex
	fault   error
	records []ingest.Record
	got     chan struct{}
}

func (l *log) Publish(_ context.Context, records ...ingest.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault != nil {
		return l.fault
	}
	l.records = append(l.records, records...)
	select {
	case l.got <- struct{}{}:
	default:
	}
	return nil
}

func (l *log) sources(t *testing.T) []string {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, r := range l.records {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			t.Fatal(err)
		}
		var n string
		if err := e.DecodeData(&n); err != nil {
			t.Fatal(err)
		}
		if string(r.Key) != e.Key {
			t.Errorf("record key %q, event key %q", r.Key, e.Key)
		}
		out = append(out, n)
	}
	return out
}

func event(t *testing.T, tenant ingest.TenantID, data string) ingest.Event {
	t.Helper()
	e, err := ingest.NewEvent(ingest.TurnCompleted, tenant, "key", time.Now(), data, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func add(t *testing.T, db *tenantdb.DB, tenant ingest.TenantID, data ...string) {
	t.Helper()
	err := db.InTenant(t.Context(), tenant, func(tx pgx.Tx) error {
		for _, d := range data {
			if err := outbox.Add(t.Context(), tx, ingest.TopicEvents, event(t, tenant, d)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRelayPublishesInOrderAndOnce(t *testing.T) {
	t.Parallel()
	db, sink := schematest.Postgres(t), &log{}
	add(t, db, "acme", "1", "2", "3")
	add(t, db, "globex", "4")
	relay := outbox.NewRelay(db, sink, outbox.Config{Batch: 2})
	for more := true; more; {
		var err error
		if more, err = relay.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := fmt.Sprint(sink.sources(t)); got != "[1 2 3 4]" {
		t.Errorf("published %v, want 1 to 4 in order, once", got)
	}
}

func TestAnEventGoesOutOnlyIfItsTransactionCommits(t *testing.T) {
	t.Parallel()
	db, sink := schematest.Postgres(t), &log{}
	fault := errors.New("changed my mind")
	err := db.InTenant(t.Context(), "acme", func(tx pgx.Tx) error {
		if err := outbox.Add(t.Context(), tx, ingest.TopicEvents, event(t, "acme", "1")); err != nil {
			return err
		}
		return fault
	})
	if !errors.Is(err, fault) {
		t.Fatal(err)
	}
	if _, err := outbox.NewRelay(db, sink, outbox.Config{}).Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := sink.sources(t); len(got) != 0 {
		t.Errorf("published %v of a transaction that was rolled back", got)
	}
}

func TestRowsStayUntilTheLogHasThem(t *testing.T) {
	t.Parallel()
	db, sink := schematest.Postgres(t), &log{fault: errors.New("no broker")}
	add(t, db, "acme", "1")
	relay := outbox.NewRelay(db, sink, outbox.Config{})
	if _, err := relay.Drain(t.Context()); err == nil {
		t.Fatal("a failed publish was not reported")
	}
	sink.fault = nil
	if _, err := relay.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(sink.sources(t)); got != "[1]" {
		t.Errorf("published %v after the broker came back, want 1", got)
	}
}

func TestATenantCannotWriteForAnother(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	err := db.InTenant(t.Context(), "acme", func(tx pgx.Tx) error {
		return outbox.Add(t.Context(), tx, ingest.TopicEvents, event(t, "globex", "1"))
	})
	if err == nil {
		t.Error("an event of globex was written as acme")
	}
}

func TestWakeRunsTheRelay(t *testing.T) {
	t.Parallel()
	db, sink := schematest.Postgres(t), &log{got: make(chan struct{}, 8)}
	relays := []*outbox.Relay{
		outbox.NewRelay(db, sink, outbox.Config{Poll: time.Hour}),
		outbox.NewRelay(db, sink, outbox.Config{Poll: time.Hour}),
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for _, r := range relays {
		wg.Go(func() {
			if err := r.Run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	for i := range 20 {
		add(t, db, "acme", fmt.Sprint(i))
		relays[i%2].Wake()
	}
	for len(sink.sources(t)) < 20 {
		select {
		case <-sink.got:
		case <-time.After(50 * time.Millisecond): // a standby that lost the race was woken for nothing
			relays[0].Wake()
		}
	}
	cancel()
	wg.Wait()
	want := make([]string, 20)
	for i := range want {
		want[i] = fmt.Sprint(i)
	}
	if got := sink.sources(t); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("two relays published %v, want each once and in order", got)
	}
}
