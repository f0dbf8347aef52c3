package agent_test

import (
	"context"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent"
	"frontdesk/agent/conversation"
	"frontdesk/agent/outbox"
	"frontdesk/deploy/schema"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

// BenchmarkPath takes messages of new people at 300 a second from the recorder
// to the provider's answer, receipts included, as the parts would: batches of
// what came meanwhile, turns, relay, claim, settle. It reports the CPU of this
// process and of Postgres for each message (from /proc, where it is), the
// statements that Postgres ran, and the delay to the relay.
//
//	go test ./agent -run - -bench Path -benchtime 3000x
func BenchmarkPath(b *testing.B) {
	for _, mode := range []string{"strangers", "regulars"} {
		b.Run(mode, func(b *testing.B) { benchmarkPath(b, mode == "regulars") })
	}
}

func benchmarkPath(b *testing.B, regulars bool) {
	url := schematest.PostgresURL(b)
	db, closeDB, err := schema.OpenPostgres(b.Context(), schema.Config{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	defer closeDB()
	name := url[strings.LastIndexByte(url, '/')+1:]
	w := worldOn(b, db)
	w.agent(acme, nil)
	people := 1 << 30
	if regulars {
		people = 200
	}
	line := newLine(w)
	turns := w.newTurns(agent.TurnsConfig{Stored: line.relay.Wake})
	recorder := agent.NewRecorder(w.db, w.agents, w.contacts, w.conversations, agent.RecorderConfig{Recorded: func() { turns.Wake(); line.relay.Wake() }})
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = turns.Run(ctx) })
	wg.Go(func() { _ = line.relay.Run(ctx) })
	in := make(chan ingest.Event, 4096)
	wg.Go(func() { consume(ctx, recorder, in) })
	// Connections plan each statement a few times before they keep a plan.
	line.feed(b, in, warmUp, people)
	line.waitAnswered(b)

	committed := commits(b, url)
	line.delays = nil
	already, before := committed(), cpuOf(b, name)
	b.ResetTimer()
	line.feed(b, in, b.N, people)
	line.waitAnswered(b)
	b.StopTimer()
	after := cpuOf(b, name)
	b.ReportMetric(float64(after.own-before.own)/float64(b.N)/1e3, "go-µs/msg")
	b.ReportMetric(float64(after.postgres-before.postgres)/float64(b.N)/1e3, "pg-µs/msg")
	b.ReportMetric(float64(committed()-already)/float64(b.N), "tx/msg")
	b.ReportMetric(line.median().Seconds()*1e3, "p50-ms")
	cancel()
	wg.Wait()
}

// consume hands the recorder what came while it was busy.
func consume(ctx context.Context, recorder *agent.Recorder, in <-chan ingest.Event) {
	for {
		var batch []ingest.Event
		select {
		case <-ctx.Done():
			return
		case e := <-in:
			batch = append(batch, e)
		}
		for more := true; more && len(batch) < 500; {
			select {
			case e := <-in:
				batch = append(batch, e)
			default:
				more = false
			}
		}
		for _, err := range recorder.Handle(ctx, batch) {
			if err != nil && ctx.Err() == nil {
				panic(err)
			}
		}
	}
}

// line is the log, dispatch and the provider: what is queued is claimed, sent,
// settled and reported delivered.
type line struct {
	w     *world
	relay *outbox.Relay

	work chan ingest.Message
	fed  int // messages so far

	mu      sync.Mutex
	began   map[ingest.MessageID]time.Time // of what is not answered yet
	answers map[ingest.MessageID][]ingest.MessageID
	sent    map[ingest.MessageID]time.Time
	delays  []time.Duration // from the callback to the provider
}

func newLine(w *world) *line {
	l := &line{
		w: w, work: make(chan ingest.Message, 4096), began: map[ingest.MessageID]time.Time{},
		answers: map[ingest.MessageID][]ingest.MessageID{}, sent: map[ingest.MessageID]time.Time{},
	}
	l.relay = outbox.NewRelay(w.db, l, outbox.Config{})
	for range 32 {
		go func() {
			for m := range l.work {
				l.deliver(m)
			}
		}()
	}
	w.t.Cleanup(func() { close(l.work) })
	return l
}

// warmUp is how many messages go ahead of the measurement.
const warmUp = 1500

// feed sends n messages, 300 a second, of so many people.
func (l *line) feed(b *testing.B, in chan<- ingest.Event, n, people int) {
	pulse := time.NewTicker(10 * time.Millisecond)
	defer pulse.Stop()
	for range n {
		if l.fed%3 == 0 {
			<-pulse.C
		}
		l.fed++
		m := said(acme, fmt.Sprint("m", l.fed), "do you have parking?", phone(l.fed%people))
		m.At = time.Now()
		m.ID = ingest.InboundID(acme, channel, m.At, m.ProviderID)
		l.send(b, in, m)
	}
}

// send hands m to the recorder and starts its clock.
func (l *line) send(b *testing.B, in chan<- ingest.Event, m ingest.Message) {
	l.mu.Lock()
	l.began[m.ID] = time.Now()
	l.mu.Unlock()
	in <- event(b, m)
}

func (l *line) Publish(_ context.Context, records ...ingest.Record) error {
	for _, r := range records {
		e, err := ingest.DecodeEvent(r.Value)
		if err != nil {
			return err
		}
		switch e.Type {
		case ingest.MessageQueued:
			var m ingest.Message
			if err := e.DecodeData(&m); err != nil {
				return err
			}
			l.work <- m
		case ingest.TurnCompleted:
			var turn ingest.Turn
			if err := e.DecodeData(&turn); err != nil {
				return err
			}
			l.mu.Lock()
			l.answers[turn.Reply] = turn.Messages
			l.match(turn.Reply)
			l.mu.Unlock()
		}
	}
	return nil
}

// deliver sends one reply as dispatch and the provider do.
func (l *line) deliver(m ingest.Message) {
	ctx := context.Background()
	if _, claimed, err := l.w.conversations.Claim(ctx, acme, m.ID); err != nil || !claimed {
		panic(fmt.Sprint("claim: ", claimed, err))
	}
	sent := time.Now()
	id := "p-" + string(m.ID)
	if err := l.w.conversations.Settle(ctx, acme, m.ID, conversation.Settlement{Status: ingest.Sent, ProviderID: id}); err != nil {
		panic(err)
	}
	r := ingest.Receipt{Tenant: acme, Channel: channel, ProviderID: id, Status: ingest.Delivered, At: sent}
	if err := l.w.conversations.ApplyReceipts(ctx, acme, []ingest.Receipt{r}); err != nil {
		panic(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[m.ID] = sent
	l.match(m.ID)
}

// match ends the clocks of the messages that reply answered, once it is known
// which these were and when it was sent. The caller holds mu.
func (l *line) match(reply ingest.MessageID) {
	sent, ok := l.sent[reply]
	if !ok {
		return
	}
	for _, id := range l.answers[reply] {
		l.delays = append(l.delays, sent.Sub(l.began[id]))
		delete(l.began, id)
	}
}

// waitAnswered waits until every message has been answered.
func (l *line) waitAnswered(b *testing.B) {
	deadline := time.Now().Add(20 * time.Second)
	for {
		l.mu.Lock()
		left := len(l.began)
		l.mu.Unlock()
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%d messages are unanswered", left)
		}
		time.Sleep(time.Millisecond)
	}
}

func (l *line) median() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.delays) == 0 {
		return 0
	}
	sort.Slice(l.delays, func(i, j int) bool { return l.delays[i] < l.delays[j] })
	return l.delays[len(l.delays)/2]
}

// commits returns a reader of how many transactions the database committed.
func commits(b *testing.B, url string) func() int64 {
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	return func() (n int64) {
		time.Sleep(1100 * time.Millisecond) // backends report their counters once a second
		if err := conn.QueryRow(b.Context(), `SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()`).Scan(&n); err != nil {
			b.Fatal(err)
		}
		return n
	}
}

// cpu is CPU time in nanoseconds.
type cpu struct{ own, postgres int64 }

// tick is the unit of CPU time in /proc.
const tick = 10 * time.Millisecond

// cpuOf reads the CPU time of this process and of the backends of a database.
func cpuOf(b *testing.B, database string) (c cpu) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return c
	}
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil || e.Name() == "thread-self" {
			continue
		}
		title, _ := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 13 {
			continue
		}
		user, _ := strconv.ParseInt(fields[11], 10, 64)
		system, _ := strconv.ParseInt(fields[12], 10, 64)
		switch {
		case e.Name() == "self":
			c.own = (user + system) * int64(tick)
		case strings.HasPrefix(string(title), "postgres:") && strings.Contains(string(title), database):
			c.postgres += (user + system) * int64(tick)
		}
	}
	return c
}
