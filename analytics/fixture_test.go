package analytics_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"frontdesk/analytics"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest"
)

// day0 is noon of a Saturday.
var day0 = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const secret = "a secret of the test, 32 bytes.."

// Canaries that must be in no row.
const (
	canaryPhone = "+15550100987"
	canaryText  = "my tooth hurts canary"
	canaryWamid = "wamid.HBgLMTU1NTAxMDA5ODcVAgASGBQzQTdC"
	canaryName  = "Canary Person"
)

func pseudonyms(t testing.TB) analytics.Pseudonyms {
	t.Helper()
	p, err := analytics.NewPseudonyms([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// world is a database with a sink and a store.
type world struct {
	conn  driver.Conn
	sink  *analytics.Sink
	store *analytics.Store
}

func newWorld(t testing.TB) world {
	t.Helper()
	conn, _ := schematest.ClickHouse(t)
	return world{conn, analytics.NewSink(conn, pseudonyms(t)), analytics.NewStore(conn)}
}

func deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// put stores events as one batch that begins at offset first.
func (w world) put(t testing.TB, first int64, events ...ingest.Event) {
	t.Helper()
	if err := w.sink.HandleBatch(deadline(t), batchOf(ingest.TopicEvents, 3, first, events)); err != nil {
		t.Fatal(err)
	}
}

// batchOf is events as the batch that begins at offset first.
func batchOf(topic ingest.Topic, partition int, first int64, events []ingest.Event) analytics.Batch {
	return analytics.Batch{Topic: topic, Partition: partition, First: first, Last: first + int64(len(events)) - 1, Events: events}
}

// one runs a query that gives one row.
func (w world) one(t testing.TB, tenant ingest.TenantID, q analytics.Query) []any {
	t.Helper()
	rows := w.rows(t, tenant, q)
	if len(rows) != 1 {
		t.Fatalf("%v: %d rows, want 1", q.Metrics, len(rows))
	}
	return rows[0]
}

// rows runs q over all the time of the fixtures.
func (w world) rows(t testing.TB, tenant ingest.TenantID, q analytics.Query) [][]any {
	t.Helper()
	if q.From.IsZero() {
		q.From, q.To = day0.AddDate(0, 0, -60), day0.AddDate(0, 0, 60)
	}
	res, err := w.store.Query(deadline(t), tenant, q)
	if err != nil {
		t.Fatalf("%v: %v", q.Metrics, err)
	}
	return res.Rows
}

func event(t testing.TB, typ ingest.EventType, tenant ingest.TenantID, at time.Time, source string, data any) ingest.Event {
	t.Helper()
	e, err := ingest.NewEvent(typ, tenant, ingest.ConversationKey(tenant, "chn_a", canaryPhone), at, source, data)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// party is a person with a phone that has n in it.
func party(n int) ingest.Party {
	return ingest.Party{Name: canaryName, Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: fmt.Sprintf("%s%03d", canaryPhone, n)}}}
}

func received(t testing.TB, tenant ingest.TenantID, person int, at time.Time, change ...func(*ingest.Message)) ingest.Event {
	t.Helper()
	provider := fmt.Sprintf("%s%d-%d", canaryWamid, person, at.UnixMilli())
	m := ingest.Message{
		ID: ingest.InboundID(tenant, "chn_a", at, provider), Tenant: tenant, Channel: "chn_a", Provider: "whatsapp", Direction: ingest.Inbound,
		ProviderID: provider, Party: party(person), At: at, Content: ingest.Content{Type: ingest.Text, Text: canaryText},
	}
	for _, f := range change {
		f(&m)
	}
	return event(t, ingest.MessageReceived, tenant, at, string(m.ID), m)
}

func queued(t testing.TB, tenant ingest.TenantID, person int, at time.Time, change ...func(*ingest.Message)) ingest.Event {
	t.Helper()
	m := ingest.Message{
		ID: ingest.MessageID(ingest.DerivedID(ingest.PrefixMessage, at, string(tenant), fmt.Sprint(person))), Tenant: tenant, Channel: "chn_a",
		Provider: "whatsapp", Direction: ingest.Outbound, Party: party(person), At: at, Content: ingest.Content{Type: ingest.Text, Text: canaryText},
		Contact: contactOf(person), Author: "bot", Category: "service", Agent: "agt_a",
	}
	for _, f := range change {
		f(&m)
	}
	return event(t, ingest.MessageQueued, tenant, at, string(m.ID), m)
}

func contactOf(person int) ingest.ContactID {
	return ingest.ContactID(ingest.DerivedID(ingest.PrefixContact, day0, fmt.Sprint(person)))
}

// status tells of a status of the message that queued made.
func status(t testing.TB, tenant ingest.TenantID, person int, at time.Time, s ingest.Status) ingest.Event {
	t.Helper()
	id := ingest.MessageID(ingest.DerivedID(ingest.PrefixMessage, at, string(tenant), fmt.Sprint(person)))
	return event(t, ingest.MessageStatus, tenant, at.Add(time.Second), string(id)+string(s), ingest.StatusChange{
		Tenant: tenant, Message: id, Channel: "chn_a", Contact: contactOf(person), Status: s, At: at.Add(time.Second),
		Errors: []ingest.ProviderError{{Code: "131026", Title: canaryText, Detail: "no WhatsApp under " + canaryPhone}},
	})
}

// turn is the number-th turn of conversation, decided wait after at.
func turn(t testing.TB, tenant ingest.TenantID, conversation string, number int, at time.Time, wait time.Duration, outcome ingest.Outcome, change ...func(*ingest.Turn)) ingest.Event {
	t.Helper()
	id := fmt.Sprintf("%s-%d", conversation, number)
	in := ingest.Turn{
		ID: ingest.TurnID(ingest.DerivedID(ingest.PrefixTurn, at, id)), Tenant: tenant, Conversation: ingest.ConversationID(conversation),
		Channel: "chn_a", Contact: contactOf(1), Agent: "agt_a", Brain: "builtin", Language: "en", Acts: []string{"ask"}, Outcome: outcome,
		Confidence: 0.75, Messages: []ingest.MessageID{"msg_1"}, Reply: "msg_2", Number: number,
		ReceivedAt: at, DecidedAt: at.Add(wait),
	}
	if outcome == ingest.HandedOff {
		in.Reason = "asked"
	}
	for _, f := range change {
		f(&in)
	}
	return event(t, ingest.TurnCompleted, tenant, in.DecidedAt, id, in)
}

func opened(t testing.TB, tenant ingest.TenantID, conversation string, at time.Time) ingest.Event {
	t.Helper()
	return event(t, ingest.ConversationOpened, tenant, at, conversation, ingest.ConversationChange{
		Tenant: tenant, Conversation: ingest.ConversationID(conversation), Channel: "chn_a", Contact: contactOf(1), Agent: "agt_a",
		Reason: canaryText, By: canaryPhone, At: at,
	})
}

// traffic is n messages of many people in a few minutes, with what became of
// those that went out: one event in three is a status.
func traffic(t testing.TB, tenant ingest.TenantID, n int) []ingest.Event {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	events := make([]ingest.Event, 0, n)
	for i := 0; len(events) < n; i++ {
		at, person := day0.Add(time.Duration(i)*time.Second), rng.IntN(n)
		events = append(events, received(t, tenant, person, at), queued(t, tenant, person, at), status(t, tenant, person, at, ingest.Delivered))
	}
	return events[:n]
}
