package callback

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"frontdesk/deploy/schema/schematest"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
)

func entry(n int) Entry {
	return Entry{Provider: provider.WhatsApp, Body: fmt.Appendf(nil, "body %d\x00\xff", n), Correlation: "msg_1", ReceivedAt: some,
		Routes: []Route{{Address{Ref: "31", Account: "42"}, []Target{{"tnt_1", "chn_1"}}}, {Address: Address{Ref: "32", Notice: true}}}}
}

func put(t *testing.T, s *Spool, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		if err := s.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// rows counts the entries that wait and that are parked.
func rows(t *testing.T, db *tenantdb.DB) (waiting, parked int) {
	t.Helper()
	err := db.AcrossTenants(t.Context(), func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT count(*) FILTER (WHERE parked IS NULL), count(parked) FROM callback_spool`).Scan(&waiting, &parked)
	})
	if err != nil {
		t.Fatal(err)
	}
	return waiting, parked
}

func TestSpoolGivesBackWhatWasPut(t *testing.T) {
	t.Parallel()
	s := NewSpool(schematest.Postgres(t))
	put(t, s, entry(1), entry(2), entry(3))
	var got []Entry
	done, left, err := s.Drain(t.Context(), 2, func(_ context.Context, list []Entry) []error {
		got = append(got, list...)
		return make([]error, len(list))
	})
	if err != nil || done != 2 || left != 1 || len(got) != 2 {
		t.Fatalf("Drain() = %d, %d, %v", done, left, err)
	}
	for i := range got {
		got[i].ID = 0
	}
	if diff := cmp.Diff([]Entry{entry(1), entry(2)}, got); diff != "" {
		t.Errorf("drained (-want +got):\n%s", diff)
	}
}

// TestSpoolDeletesAfterTheAck looks at the rows from outside while they are
// being published, and breaks off there.
func TestSpoolDeletesAfterTheAck(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	s := NewSpool(db)
	put(t, s, entry(1), entry(2))
	broken := errors.New("the process ends here")
	_, _, err := s.Drain(t.Context(), 10, func(ctx context.Context, list []Entry) []error {
		if waiting, _ := rows(t, db); waiting != 2 {
			t.Errorf("%d rows are left while they are published, want 2", waiting)
		}
		return []error{broken, broken}
	})
	if waiting, _ := rows(t, db); err != nil || waiting != 2 {
		t.Fatalf("%d rows after a publish that failed, want 2 (%v)", waiting, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err = s.Drain(ctx, 10, func(context.Context, []Entry) []error {
		cancel() // killed between the ack and the delete
		return make([]error, 2)
	})
	if waiting, _ := rows(t, db); err == nil || waiting != 2 {
		t.Errorf("%d rows after a crash before the delete, want 2 (%v)", waiting, err)
	}
	var done, left int
	for deadline := time.Now().Add(10 * time.Second); done+left == 0 && time.Now().Before(deadline); { // its lock ends when Postgres sees that it is gone
		done, left, err = s.Drain(t.Context(), 10, func(_ context.Context, list []Entry) []error { return []error{nil, broken} })
	}
	if waiting, _ := rows(t, db); done != 1 || left != 1 || waiting != 1 || err != nil {
		t.Errorf("Drain() = %d, %d, %v with %d rows, want what failed to stay", done, left, err, waiting)
	}
}

func TestSpoolParks(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	s := NewSpool(db)
	parked := entry(1)
	parked.Parked = "too large"
	put(t, s, parked, entry(2), entry(3))
	done, left, err := s.Drain(t.Context(), 10, func(_ context.Context, list []Entry) []error {
		if len(list) != 2 {
			t.Errorf("%d entries, want those that are not parked", len(list))
		}
		return []error{fmt.Errorf("%w: broken", errNever), nil}
	})
	waiting, aside := rows(t, db)
	if done != 2 || left != 0 || err != nil || waiting != 0 || aside != 2 {
		t.Errorf("Drain() = %d, %d, %v; %d waiting, %d parked", done, left, err, waiting, aside)
	}
	list, err := s.Parked(t.Context(), 10)
	if err != nil || len(list) != 2 || list[0].Parked != "too large" || string(list[0].Body) != string(entry(1).Body) {
		t.Fatalf("Parked() = %+v, %v", list, err)
	}
	if err := s.Unpark(t.Context(), list[0].ID); err != nil {
		t.Fatal(err)
	}
	if waiting, aside = rows(t, db); waiting != 1 || aside != 1 {
		t.Errorf("unparked: %d waiting, %d parked", waiting, aside)
	}
}

func TestSpoolIsDrainedByOne(t *testing.T) {
	t.Parallel()
	s := NewSpool(schematest.Postgres(t))
	put(t, s, entry(1))
	_, _, err := s.Drain(t.Context(), 10, func(ctx context.Context, list []Entry) []error {
		done, left, err := s.Drain(ctx, 10, func(context.Context, []Entry) []error {
			t.Error("two drain at once: the order is lost")
			return nil
		})
		if done != 0 || left != 0 || err != nil {
			t.Errorf("the second Drain() = %d, %d, %v", done, left, err)
		}
		return make([]error, len(list))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSpoolBoundsBytes(t *testing.T) {
	t.Parallel()
	s := NewSpool(schematest.Postgres(t))
	large := entry(1)
	large.Body = make([]byte, 3<<20)
	put(t, s, large, large, large, large)
	_, _, err := s.Drain(t.Context(), 10, func(_ context.Context, list []Entry) []error {
		if len(list) != 3 {
			t.Errorf("%d bodies of 3 MiB at once, want 3", len(list))
		}
		return make([]error, len(list))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestSpoolIsClosedToTenants: bodies hold what several tenants were told.
func TestSpoolIsClosedToTenants(t *testing.T) {
	t.Parallel()
	db := schematest.Postgres(t)
	put(t, NewSpool(db), entry(1))
	err := db.InTenant(t.Context(), "tnt_1", func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `SELECT FROM callback_spool`)
		return err
	})
	if err == nil {
		t.Error("a tenant may read the spool")
	}
}

// TestOutage is the way of a callback through the spool on real Postgres: the
// log fails, callbacks are answered 200, the log is back, and all is there
// once, in order.
func TestOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	db := schematest.Postgres(t)
	w.spool = NewSpool(db)
	w.cfg.DrainEvery = 10 * time.Millisecond
	w.kafka.err = errAway
	const n = 20
	for i := range n {
		body := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"310022334455661"},`+
			`"messages":[{"from":"15555550142","id":"w%d","timestamp":"1790000000","type":"text","text":{"body":"%d"}}]}}]}]}`, i, i)
		if got := w.meta(t, body, mayaSecret); got.status != 200 {
			t.Fatalf("answered %d", got.status)
		}
	}
	if waiting, _ := rows(t, db); waiting != n {
		t.Fatalf("%d rows, want %d", waiting, n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	published := make(chan struct{})
	w.pub = &countingLog{fakeLog: w.kafka, want: n, reached: published}
	w.kafka.mu.Lock()
	w.kafka.err = nil
	w.kafka.mu.Unlock()
	go func() { ran <- w.Run(ctx) }()
	select {
	case <-published:
	case <-time.After(20 * time.Second):
		t.Fatal("the spool was not worked off")
	}
	for deadline := time.Now().Add(10 * time.Second); ; { // the delete follows the publish
		if waiting, _ := rows(t, db); waiting == 0 || time.Now().After(deadline) {
			break
		}
	}
	cancel()
	if err := <-ran; err != nil {
		t.Errorf("Run() = %v", err)
	}
	if waiting, parked := rows(t, db); waiting != 0 || parked != 0 {
		t.Errorf("%d rows wait, %d are parked", waiting, parked)
	}
	for i, r := range w.kafka.of(ingest.TopicInbound) {
		if _, m := decodeEvent[ingest.Message](t, r.Value); m.Content.Text != fmt.Sprint(i) {
			t.Fatalf("message %d is %q: the order was lost", i, m.Content.Text)
		}
	}
}

// countingLog tells when want records are there.
type countingLog struct {
	*fakeLog
	want    int
	reached chan struct{}
}

func (l *countingLog) Publish(ctx context.Context, recs ...ingest.Record) error {
	err := l.fakeLog.Publish(ctx, recs...)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.recs) >= l.want && l.reached != nil {
		close(l.reached)
		l.reached = nil
	}
	return err
}
