package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// hold locks a table until release is called: whoever needs it hangs, as with a
// Postgres that is gone without a word.
func (w *world) hold(table string) (release func()) {
	w.t.Helper()
	held, over, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- w.db.AcrossTenants(context.Background(), func(tx pgx.Tx) error {
			_, err := tx.Exec(context.Background(), `LOCK TABLE `+table)
			close(held)
			if err == nil {
				<-over
			}
			return err
		})
	}()
	<-held
	release = sync.OnceFunc(func() {
		close(over)
		if err := <-ended; err != nil {
			w.t.Errorf("hold %s: %v", table, err)
		}
	})
	w.t.Cleanup(release)
	return release
}

// returns fails the test unless fn returns soon, on a machine however slow, and
// long before Postgres ends a statement that hangs.
func returns(t *testing.T, what string, fn func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); fn() }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatalf("%s hangs", what)
	}
}

func TestHandleHeedsItsDeadlineWhileTheBoardIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.hold("dispatch_channels")
	reading := make(chan struct{})
	go func() { defer close(reading); _, _ = w.d.board.down(t.Context()) }()
	for w.d.board.mu.Lock(); w.d.board.reading == nil; w.d.board.mu.Lock() {
		w.d.board.mu.Unlock()
	}
	w.d.board.mu.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	event := w.queue("chn_1", "dana", 1)
	returns(t, "Handle", func() {
		if errs := w.d.Handle(ctx, event); errs[0] == nil {
			t.Error("an event was taken though nobody knows whether its channel may send")
		}
	})
	returns(t, "the reading of the board", func() { <-reading })
	w.wantStatus("dana-1", ingest.Queued)
}

// warnings hands on what is logged.
type warnings struct {
	slog.Handler
	of chan string
}

func (h warnings) Handle(_ context.Context, r slog.Record) error {
	select {
	case h.of <- r.Message:
	default:
	}
	return nil
}

func (warnings) Enabled(context.Context, slog.Level) bool { return true }

func TestRunGoesOnWhenPostgresIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{Poll: 10 * time.Millisecond})
	w.d.round = 100 * time.Millisecond
	heard := make(chan string, 100)
	w.d.Log = slog.New(warnings{slog.DiscardHandler, heard})
	release := w.hold("dispatch_parked")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.d.Run(ctx) }()
	returns(t, "the look for parked messages", func() {
		for looks := 0; looks < 2; {
			if strings.Contains(<-heard, "parked messages wait") {
				looks++
			}
		}
	})
	release()
	asked := make(chan struct{})
	w.provider.answer = func(provider.Channel, ingest.Message) error { close(asked); return nil }
	row := parked{sender: sender{acme, "chn_1", false}, lane: "cnv_dana", message: "dana-1", due: time.Now()}
	w.queue("chn_1", "dana", 1)
	if err := w.d.Store.park(t.Context(), []parked{row}); err != nil {
		t.Fatal(err)
	}
	returns(t, "a parked message", func() { <-asked })
	stop()
	returns(t, "Run", func() { <-ended })
	w.wantStatus("dana-1", ingest.Sent)
}

// absent is a ledger that cannot read the messages of one tenant.
type absent struct {
	*memoryLedger
	of ingest.TenantID
}

func (l absent) Load(ctx context.Context, tenant ingest.TenantID, ids []ingest.MessageID) ([]ingest.Message, error) {
	if tenant == l.of {
		return nil, errors.New("too long")
	}
	return l.memoryLedger.Load(ctx, tenant, ids)
}

func TestATenantWhoseMessagesCannotBeReadStopsNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Config{})
	w.d.Ledger = absent{w.ledger, globex}
	w.queue("chn_1", "dana", 1)
	w.event(ingest.Message{ID: "gil-1", Tenant: globex, Channel: "chn_2", Conversation: "cnv_gil", Direction: ingest.Outbound})
	err := w.d.Store.park(t.Context(), []parked{
		{sender: sender{globex, "chn_2", false}, lane: "cnv_gil", message: "gil-1", due: time.Now().Add(-time.Hour)},
		{sender: sender{acme, "chn_1", false}, lane: "cnv_dana", message: "dana-1", due: time.Now().Add(-time.Minute)},
		{sender: sender{acme, "chn_1", false}, lane: "cnv_gone", message: "gone-1", due: time.Now().Add(-time.Minute)},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.drain(1)
	w.wantStatus("dana-1", ingest.Sent)
	w.wantStatus("gil-1", ingest.Queued)
	if left := w.parked(); len(left) != 1 || left[0] != "gil-1" {
		t.Errorf("parked are %v, want the one that could not be read", left)
	}
}
