package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"frontdesk/analytics"
	"frontdesk/deploy/schema"
	"frontdesk/ingest"
)

// TestAnalyticsAreExactWhenTheEngineIsKilled: the engine is killed again and
// again while batches are inserted, and every third batch comes a second time
// although it was stored, as it does when the writer is killed between insert
// and commit. Nothing may be missing and nothing counted twice.
func TestAnalyticsAreExactWhenTheEngineIsKilled(t *testing.T) {
	const batches, size = 60, 100
	dir := t.TempDir()
	engine, stop := runClickHouse(t, dir)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if err := schema.MigrateClickHouse(ctx, engine.URL(), slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	conn, err := analytics.Open(analytics.Config{URL: engine.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	secret, err := analytics.NewPseudonyms([]byte("a secret of the test"))
	if err != nil {
		t.Fatal(err)
	}
	sink := analytics.NewSink(conn, secret)
	rng := rand.New(rand.NewPCG(7, 7))
	failed := 0
	for n := range batches {
		batch := analytics.Batch{Topic: ingest.TopicInbound, Partition: n % 4, First: int64(n * size), Last: int64((n+1)*size - 1)}
		for i := range size {
			batch.Events = append(batch.Events, messageEvent(t, n*size+i))
		}
		if n%15 == 7 { // at some moment of what follows; more kills would wait for the back-off
			kill := time.AfterFunc(time.Duration(rng.IntN(8))*time.Millisecond, func() {
				_ = syscall.Kill(enginePID(t, dir), syscall.SIGKILL)
			})
			defer kill.Stop()
		}
		for times := 0; times <= (n+1)%3/2; {
			if err := sink.HandleBatch(ctx, batch); err == nil {
				times++
			} else if failed++; ctx.Err() != nil {
				t.Fatalf("batch %d never got in: %v", n, err)
			}
		}
	}
	if failed == 0 {
		t.Error("no batch failed: the kills did nothing")
	}
	want := []any{int64(batches * size), int64(17)}
	query := func(conn *analytics.Store) {
		t.Helper()
		q := analytics.Query{Metrics: []string{"messages", "contacts"}, From: noon.Add(-time.Hour), To: noon.AddDate(0, 0, 2)}
		res, err := conn.Query(ctx, "acme", q)
		if errors.Is(err, analytics.ErrUnavailable) { // the connection of before the last kill
			res, err = conn.Query(ctx, "acme", q)
		}
		if err != nil || len(res.Rows) != 1 || fmt.Sprint(res.Rows[0]) != fmt.Sprint(want) {
			t.Errorf("messages and contacts are %v, %v; want %v (%d batches failed on the way)", res.Rows, err, want, failed)
		}
	}
	query(analytics.NewStore(conn))

	stop() // and everything is there after a restart of all
	engine, _ = runClickHouse(t, dir)
	again, err := analytics.Open(analytics.Config{URL: engine.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	query(analytics.NewStore(again))
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// messageEvent is the i-th message, of one of 17 people.
func messageEvent(t *testing.T, i int) ingest.Event {
	t.Helper()
	at := noon.Add(time.Duration(i) * time.Second)
	m := ingest.Message{
		ID: ingest.InboundID("acme", "chn_a", at, fmt.Sprint(i)), Tenant: "acme", Channel: "chn_a", At: at,
		Party: ingest.Party{Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: fmt.Sprintf("+1555010%04d", i%17)}}},
	}
	e, err := ingest.NewEvent(ingest.MessageReceived, "acme", m.Key(), at, string(m.ID), m)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
