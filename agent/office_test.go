package agent_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/conversation"
	"frontdesk/agent/dialogue"
	"frontdesk/agent/dialogue/dialoguetest"
	"frontdesk/ingest"
)

// office is the agent's parts and the bookings of one business on a real
// database, with one customer.
type office struct {
	*world
	tenant   ingest.TenantID
	business dialoguetest.Business
	bookings *booking.Store
	clock    *atomic.Int64
	provider string
	services []booking.Service
	staff    []booking.Staff
	brain    agent.Brain // nil: the built-in one
	said     int
}

const customer ingest.ContactID = "con_customer"

func (o *office) Business(context.Context, ingest.TenantID) (agent.Business, error) {
	return agent.Business{Name: o.business.Name, Timezone: o.business.Zone, Languages: o.business.Languages, Hours: o.business.Hours, Closed: o.business.Closed}, nil
}

// newOffice opens the business of s in w, as a tenant of its own.
func newOffice(t testing.TB, w *world, n int, s dialoguetest.Script) *office {
	t.Helper()
	o := &office{
		world: w, tenant: ingest.TenantID(fmt.Sprint("tenant-", n)), business: dialoguetest.Businesses[s.Business], clock: &atomic.Int64{}, provider: "whatsapp",
	}
	if s.Channel == "sms" {
		o.provider = "twilio"
	}
	now := func() time.Time { return time.Unix(o.clock.Load(), 0).UTC() }
	o.bookings = booking.NewStore(w.db, booking.Config{Now: now})
	w.knowledge = &shelf{articles: o.business.Articles}
	w.turns = o.turnsWith(o.bookings)
	w.agent(o.tenant, nil)
	o.open(t)
	return o
}

// turnsWith returns turns that book with bookings.
func (o *office) turnsWith(bookings agent.Bookings) *agent.Turns {
	return agent.NewTurns(agent.Parts{
		DB: o.db, Agents: o.agents, Contacts: o.contacts, Knowledge: o.knowledge, Businesses: o, Bookings: bookings, Brain: o.brain,
	}, agent.TurnsConfig{Pace: -1, Poll: 5 * time.Millisecond, Now: func() time.Time { return time.Unix(o.clock.Load(), 0).UTC() }})
}

func pickAt(start time.Time) dialogue.Pick { return dialogue.Pick{Start: start} }

// open writes the business and the customer down.
func (o *office) open(t testing.TB) {
	t.Helper()
	err := o.db.InTenant(t.Context(), o.tenant, func(tx pgx.Tx) error {
		week, err := booking.ParseWeek(o.business.Hours)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, slug, name, timezone, plan, hours, closed) VALUES ($1, $1, $2, $3, 'pro', $4, $5)`,
			o.tenant, o.business.Name, o.business.Zone, week, append([]string{}, o.business.Closed...)); err != nil {
			return err
		}
		for _, id := range []ingest.ContactID{customer, "con_other"} {
			if _, err := tx.Exec(t.Context(), `INSERT INTO contacts (tenant_id, id, number) VALUES ($1, $2, frontdesk_next_number($1, 'contact'))`, o.tenant, id); err != nil {
				return err
			}
		}
		_, err = tx.Exec(t.Context(), `INSERT INTO contact_identifiers (tenant_id, kind, value, contact_id) VALUES ($1, 'phone', $2, $3)`, o.tenant, phone(1).Value, customer)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	o.services, o.staff = dialoguetest.Furnish(t, o.bookings, o.tenant, o.business)
}

func (o *office) SetNow(now time.Time) { o.clock.Store(now.Unix()) }

// message is what the customer writes, as it comes from the provider.
func (o *office) message(m dialoguetest.Message) ingest.Message {
	o.said++
	out := said(o.tenant, fmt.Sprint(o.tenant, "-", o.said), m.Text, phone(1))
	out.Provider, out.At = o.provider, m.At
	if m.Choice != "" {
		out.Content = ingest.Content{Type: ingest.Interactive, Text: m.Text, Selection: &ingest.Selection{Kind: "button", ID: m.Choice, Title: m.Text}}
	}
	return out
}

func (o *office) Say(t testing.TB, burst []dialoguetest.Message) dialoguetest.Reply {
	t.Helper()
	var list []ingest.Message
	for _, m := range burst {
		list = append(list, o.message(m))
	}
	o.record(list...)
	o.run()
	return o.lastReply(t)
}

// lastReply returns what the last turn sent.
func (o *office) lastReply(t testing.TB) dialoguetest.Reply {
	t.Helper()
	turns, err := o.agents.Turns(t.Context(), o.tenant, o.only(o.tenant).ID)
	if err != nil || len(turns) == 0 {
		t.Fatalf("%d turns, %v", len(turns), err)
	}
	last := turns[len(turns)-1]
	if last.Reply == "" {
		return dialoguetest.Reply{}
	}
	m, err := o.conversations.Message(t.Context(), o.tenant, last.Reply)
	if err != nil {
		t.Fatal(err)
	}
	if (m.Content.Menu != nil) != (m.Content.Type == ingest.Interactive) {
		t.Errorf("a reply of type %s with the menu %v", m.Content.Type, m.Content.Menu)
	}
	return dialoguetest.Reply{Text: m.Content.Text, Menu: m.Content.Menu}
}

func (o *office) Book(t testing.TB, row dialoguetest.Row, own bool) {
	t.Helper()
	d := booking.Draft{Start: o.business.In(row.Start), Contact: "con_other", Source: "api"}
	if own {
		d.Contact = customer
	}
	for _, s := range o.services {
		if s.Name == row.Service {
			d.Service = s.ID
		}
	}
	for _, p := range o.staff {
		if p.Name == row.Staff {
			d.Staff = p.ID
		}
	}
	if _, err := o.bookings.Book(t.Context(), o.tenant, d); err != nil {
		t.Fatal(err)
	}
}

func (o *office) Rows(t testing.TB) []dialoguetest.Row {
	t.Helper()
	list, _, err := o.bookings.Appointments(t.Context(), o.tenant, booking.Filter{Contact: customer, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(o.business.Zone)
	if err != nil {
		t.Fatal(err)
	}
	var out []dialoguetest.Row
	for _, a := range list {
		out = append(out, dialoguetest.RowOf(a, zone, o.services, o.staff))
	}
	return out
}

func (o *office) Person(t testing.TB) string {
	t.Helper()
	if c := o.only(o.tenant); c.Owner == conversation.Person {
		return c.OwnerReason
	}
	return ""
}

func TestScriptsOnPostgres(t *testing.T) {
	t.Parallel()
	scripts, err := dialoguetest.Scripts()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	for n, s := range scripts {
		t.Run(s.Name, func(t *testing.T) {
			w.t = t
			dialoguetest.Run(t, s, newOffice(t, w, n, s))
		})
	}
}
