package analytics_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"

	"frontdesk/analytics"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

// stopMerges keeps ClickHouse from dropping repeats by itself, so that a read
// which relies on that is found out.
func stopMerges(t *testing.T, w world) {
	t.Helper()
	for _, table := range []string{"messages", "deliveries", "receipts", "turns", "conversation_changes"} {
		if err := w.conn.Exec(deadline(t), "SYSTEM STOP MERGES "+table); err != nil {
			t.Fatal(err)
		}
	}
}

// all is a question for a number of every table.
var all = analytics.Query{Metrics: []string{
	"messages", "inbound_messages", "outbound_messages", "contacts", "delivered", "delivered_rate", "conversations", "turns", "handed_off",
	"handoff_rate", "first_response_seconds_avg", "first_response_seconds_p50", "first_response_seconds_p90",
}}

// mixed is 130 events of all kinds: 40 messages in, 40 out, 40 delivered, and
// 5 conversations with a turn each.
func mixed(t *testing.T, tenant ingest.TenantID) []ingest.Event {
	t.Helper()
	var events []ingest.Event
	for i := range 40 {
		at := day0.Add(time.Duration(i) * time.Minute)
		events = append(events, received(t, tenant, i%8, at), queued(t, tenant, i%8, at), status(t, tenant, i%8, at, ingest.Delivered))
	}
	for i := range 5 {
		name := fmt.Sprintf("cnv_%d", i)
		outcome := ingest.Answered
		if i == 0 {
			outcome = ingest.HandedOff
		}
		events = append(events, opened(t, tenant, name, day0), turn(t, tenant, name, 1, day0, time.Duration(i+1)*time.Second, outcome))
	}
	return events
}

// mixedAnswer is [all] of [mixed].
var mixedAnswer = []any{int64(80), int64(40), int64(40), int64(8), int64(40), 1.0, int64(5), int64(5), int64(1), 0.2, 3.0, 3.0, 5.0}

func TestRepeatsChangeNoAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stopMerges(t, w)
	events := mixed(t, "acme")
	w.put(t, 0, events...)
	if diff := cmp.Diff(mixedAnswer, w.one(t, "acme", all)); diff != "" {
		t.Fatalf("answer (-want +got):\n%s", diff)
	}
	before := rowCounts(t, w)

	w.put(t, 0, events...) // as after a crash between insert and commit
	if diff := cmp.Diff(before, rowCounts(t, w)); diff != "" {
		t.Errorf("the same batch again adds rows (-once +twice):\n%s", diff)
	}
	for _, cut := range []int{1, 7, 50} { // as after a change of where batches are cut
		for i := 0; i < len(events); i += cut {
			w.put(t, int64(i), events[i:min(i+cut, len(events))]...)
		}
	}
	w.put(t, 1000, append(events[:10:10], events[:10]...)...) // published twice
	if after := rowCounts(t, w); after["messages"] <= before["messages"] {
		t.Fatalf("messages has %d rows: merges are stopped, so repeats must be there for this test to mean anything", after["messages"])
	}
	if diff := cmp.Diff(mixedAnswer, w.one(t, "acme", all)); diff != "" {
		t.Errorf("answer after repeats (-want +got):\n%s", diff)
	}
}

func rowCounts(t *testing.T, w world) map[string]uint64 {
	t.Helper()
	out := map[string]uint64{}
	for _, table := range []string{"messages", "deliveries", "turns", "conversation_changes"} {
		var n uint64
		if err := w.conn.QueryRow(deadline(t), "SELECT count() FROM {t:Identifier}", clickhouse.Named("t", table)).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	return out
}

func TestReplayIntoAnEmptyDatabaseGivesTheSameAnswers(t *testing.T) {
	t.Parallel()
	events := mixed(t, "acme")
	first, again := newWorld(t), newWorld(t)
	first.put(t, 0, events[:60]...)
	first.put(t, 60, events[60:]...)
	for i := len(events) - 1; i >= 0; i -= 13 { // other batches, in another order
		again.put(t, int64(max(i-12, 0)), events[max(i-12, 0):i+1]...)
	}
	byDay := all
	byDay.Interval = "hour"
	if diff := cmp.Diff(first.rows(t, "acme", byDay), again.rows(t, "acme", byDay)); diff != "" {
		t.Errorf("answers differ (-first +replayed):\n%s", diff)
	}
}

func TestMalformedEventsDoNotStopTheirBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	events := mixed(t, "acme")
	broken := events[3]
	broken.Data = []byte(`"what?"`)
	events = append(events, broken)
	err := w.sink.HandleBatch(deadline(t), batchOf(ingest.TopicEvents, 0, 0, events))
	var refused *analytics.Refused
	if !errors.As(err, &refused) || len(refused.Events) != 1 || !errors.Is(refused.Events[len(events)-1], ingest.ErrMalformed) || !errors.Is(err, ingest.ErrMalformed) {
		t.Fatalf("error is %v, want *Refused of the last event alone", err)
	}
	if strings.Contains(err.Error(), canaryText) || strings.Contains(err.Error(), canaryPhone) {
		t.Errorf("the error tells what nobody may know: %v", err)
	}
	if diff := cmp.Diff(mixedAnswer, w.one(t, "acme", all)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// TestManyBatchesTogether: they are stored as one, each is answered for
// itself, and the same ones again add nothing.
func TestManyBatchesTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stopMerges(t, w)
	events := mixed(t, "acme")
	broken := events[3]
	broken.Data = []byte(`"what?"`)
	var batches []analytics.Batch
	for i := 0; i < len(events); i += 10 {
		of := append([]ingest.Event(nil), events[i:i+10]...)
		if i == 20 || i == 40 {
			of = append(of, broken)
		}
		batches = append(batches, batchOf(ingest.TopicEvents, i/10, 7, of))
	}
	var once map[string]uint64
	for range 2 {
		for i, err := range w.sink.HandleBatches(deadline(t), batches) {
			var refused *analytics.Refused
			switch wrong := i == 2 || i == 4; {
			case wrong && (!errors.As(err, &refused) || refused.Events[10] == nil || len(refused.Events) != 1):
				t.Errorf("batch %d gives %v, want its eleventh event refused", i, err)
			case !wrong && err != nil:
				t.Errorf("batch %d gives %v", i, err)
			}
		}
		if once == nil {
			once = rowCounts(t, w)
		}
	}
	if diff := cmp.Diff(once, rowCounts(t, w)); diff != "" {
		t.Errorf("the same batches again add rows (-once +twice):\n%s", diff)
	}
	for _, err := range w.sink.HandleBatches(deadline(t), batches[3:6]) { // others together, as after a crash
		if err != nil && !errors.As(err, new(*analytics.Refused)) {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(mixedAnswer, w.one(t, "acme", all)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if errs := w.sink.HandleBatches(deadline(t), nil); len(errs) != 0 {
		t.Errorf("no batches give %v", errs)
	}
}

func TestBatchOverManyMonths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var events []ingest.Event
	for i := range 150 { // more than ClickHouse takes in one insert by itself
		events = append(events, received(t, "acme", 1, day0.AddDate(0, -i, 0)))
	}
	w.put(t, 0, events...)
	got := w.one(t, "acme", analytics.Query{Metrics: []string{"messages"}, From: day0.AddDate(-13, 0, 0), To: day0.AddDate(0, 0, 1)})
	if got[0] != int64(150) {
		t.Errorf("%v messages, want 150", got[0])
	}
}

// TestNoTableHoldsTextOrPhone looks at every column of every table.
func TestNoTableHoldsTextOrPhone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(t, 0, mixed(t, "acme")...)
	w.put(t, 500, event(t, ingest.ReceiptReceived, "acme", day0, "r", ingest.Receipt{
		Tenant: "acme", Channel: "chn_a", Provider: "whatsapp", ProviderID: canaryWamid, Status: ingest.Read, Word: canaryText, At: day0, Party: party(1),
		Errors: []ingest.ProviderError{{Code: canaryPhone, Title: canaryText, Detail: canaryName}}, Pricing: &ingest.Pricing{Category: canaryText},
	}))
	rows, err := w.conn.Query(deadline(t), `
		SELECT table, name FROM system.columns WHERE database = currentDatabase() AND table <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	type column struct{ table, name string }
	var columns []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.table, &c.name); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, c)
	}
	for _, c := range columns {
		var n, hits uint64
		err := w.conn.QueryRow(deadline(t), `
			SELECT count(), countIf(multiSearchAnyCaseInsensitive(toString({c:Identifier}), {canaries:Array(String)})) FROM {t:Identifier}`,
			clickhouse.Named("c", c.name), clickhouse.Named("t", c.table),
			clickhouse.Named("canaries", []string{strings.TrimPrefix(canaryPhone, "+"), "canary", "wamid", "tooth", canaryWamid[8:24]})).Scan(&n, &hits)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 || hits != 0 {
			t.Errorf("%s.%s: %d of %d rows hold what must not be kept, or there are none", c.table, c.name, hits, n)
		}
	}
	if len(columns) < 50 {
		t.Errorf("only %d columns were looked at", len(columns))
	}
}

// gate is a way to ClickHouse that can be shut: connections are cut and
// refused.
type gate struct {
	ln     net.Listener
	target string

	mu    sync.Mutex
	shut  bool
	conns []net.Conn
}

func newGate(t *testing.T, server string) (*gate, string) {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{ln: ln, target: u.Host}
	var running sync.WaitGroup
	running.Go(g.run)
	t.Cleanup(func() {
		_ = ln.Close()
		g.set(true)
		running.Wait()
	})
	u.Host = ln.Addr().String()
	return g, u.String()
}

func (g *gate) run() {
	for {
		in, err := g.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", g.target)
		g.mu.Lock()
		if g.shut || err != nil {
			_ = in.Close()
			if out != nil {
				_ = out.Close()
			}
		} else {
			g.conns = append(g.conns, in, out)
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
		g.mu.Unlock()
	}
}

func (g *gate) set(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	for _, c := range g.conns {
		_ = c.Close()
	}
	g.conns = nil
}

// TestClickHouseDownForAWhile: while it is down every batch is handed back, so
// its offsets are not committed; when it is up the same batches make the
// answer exact. The connection is cut in the middle of inserts too.
func TestClickHouseDownForAWhile(t *testing.T) {
	t.Parallel()
	direct, server := schematest.ClickHouse(t)
	g, through := newGate(t, server)
	conn, err := analytics.Open(analytics.Config{URL: through})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	w := world{direct, analytics.NewSink(conn, pseudonyms(t)), analytics.NewStore(conn)}
	events := mixed(t, "acme")
	w.put(t, 0, events[:50]...)

	g.set(true)
	for range 3 {
		err := w.sink.HandleBatch(deadline(t), batchOf(ingest.TopicEvents, 3, 50, events[50:]))
		var refused *analytics.Refused
		if err == nil || errors.As(err, &refused) {
			t.Fatalf("ClickHouse is down and the batch gives %v", err)
		}
	}
	if _, err := w.store.Query(deadline(t), "acme", all); !errors.Is(err, analytics.ErrUnavailable) {
		t.Errorf("a question while ClickHouse is down gives %v, want ErrUnavailable", err)
	}

	g.set(false)
	stop := make(chan struct{})
	var cutting sync.WaitGroup
	cutting.Go(func() {
		for tick := time.NewTicker(3 * time.Millisecond); ; {
			select {
			case <-stop:
				tick.Stop()
				return
			case <-tick.C:
				g.set(false) // cuts what is open
			}
		}
	})
	for i := 50; i < len(events); i += 10 {
		for try := 0; w.sink.HandleBatch(deadline(t), batchOf(ingest.TopicEvents, 3, int64(i), events[i:i+10])) != nil; try++ {
			if try == 20 {
				close(stop) // enough of that
			}
		}
	}
	select {
	case <-stop:
	default:
		close(stop)
	}
	cutting.Wait()
	w.store = analytics.NewStore(direct)
	if diff := cmp.Diff(mixedAnswer, w.one(t, "acme", all)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestSinkEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.sink.HandleBatch(ctx, batchOf(ingest.TopicEvents, 0, 0, mixed(t, "acme")[:1])); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that of the context", err)
	}
}

// TestInsertsNameEveryColumn: what an insert leaves out would silently be
// empty.
func TestInsertsNameEveryColumn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for table, row := range map[string]any{
		"messages": analytics.MessageRow{}, "deliveries": analytics.DeliveryRow{}, "receipts": analytics.ReceiptRow{},
		"turns": analytics.TurnRow{}, "conversation_changes": analytics.ChangeRow{},
	} {
		var columns uint64
		if err := w.conn.QueryRow(deadline(t), "SELECT count() FROM system.columns WHERE database = currentDatabase() AND table = {t:String}",
			clickhouse.Named("t", table)).Scan(&columns); err != nil {
			t.Fatal(err)
		}
		// The key is one field and four columns.
		if fields := uint64(reflect.TypeOf(row).NumField()); columns != fields+3 {
			t.Errorf("%s has %d columns, its row %d fields and the key", table, columns, fields)
		}
	}
}
