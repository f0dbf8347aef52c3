package agent_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/dialogue/dialoguetest"
	"frontdesk/ingest"
)

// shaky is bookings where something happens after an appointment was made.
type shaky struct {
	*booking.Store
	after func() error
	once  sync.Once
}

func (s *shaky) Book(ctx context.Context, tenant ingest.TenantID, d booking.Draft) (a booking.Appointment, err error) {
	a, err = s.Store.Book(ctx, tenant, d)
	if err == nil {
		s.once.Do(func() { err = s.after() })
	}
	return a, err
}

// asked returns an office whose customer was asked whether to book, and whose
// bookings call after once an appointment is made.
func asked(t *testing.T, after func(*office) error) *office {
	t.Helper()
	o := newOffice(t, newWorld(t), 1, dialoguetest.Script{Business: "clinic"})
	o.SetNow(o.business.In("2033-03-07T09:15"))
	r := o.Say(t, []dialoguetest.Message{{Text: "a cleaning tomorrow at 3 pm", At: o.now()}})
	if !strings.Contains(r.Text, "Shall I book it?") {
		t.Fatalf("asked %q", r.Text)
	}
	s := &shaky{Store: o.bookings, after: func() error { return after(o) }}
	o.turns = o.turnsWith(s)
	return o
}

func (o *office) now() time.Time { return time.Unix(o.clock.Load(), 0).UTC() }

// says returns how many replies of the conversation hold text.
func (o *office) says(t *testing.T, text string) (n int) {
	t.Helper()
	for _, e := range o.published(ingest.MessageQueued) {
		var m ingest.Message
		if err := e.DecodeData(&m); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m.Content.Text, text) {
			n++
		}
	}
	return n
}

func (o *office) wantOne(t *testing.T, start string) {
	t.Helper()
	if rows := o.Rows(t); len(rows) != 1 || rows[0].Start != start || rows[0].Status != "scheduled" {
		t.Errorf("rows %v, want one at %s", rows, start)
	}
	if n := o.says(t, "Booked"); n != 1 {
		t.Errorf("the customer was told %d times that it is booked", n)
	}
}

// The answer of the store is lost after it has booked: the turn is decided
// again, and there is one appointment and one confirmation.
func TestBookedOnceWhereTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	o := asked(t, func(*office) error { return errors.New("connection lost") })
	o.Say(t, []dialoguetest.Message{{Text: "yes", At: o.now()}})
	o.wantOne(t, "2033-03-08T15:00")
}

// A worker stops between booking and storing the turn, for good or, as here,
// until its lease has ended and another has decided the turn again.
func TestBookedOnceWhereTheWorkerDies(t *testing.T) {
	t.Parallel()
	booked, revive := make(chan struct{}), make(chan struct{})
	o := asked(t, func(*office) error {
		close(booked)
		<-revive
		return nil
	})
	dying := o.turns
	o.record(o.message(dialoguetest.Message{Text: "yes", At: o.now()}))
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = dying.Run(ctx) })
	<-booked
	agent.Expire(t, o.db)
	o.turns = o.turnsWith(o.bookings)
	o.run()
	o.wantOne(t, "2033-03-08T15:00")
	close(revive)
	stop()
	wg.Wait()
	o.wantOne(t, "2033-03-08T15:00")
}

// A message comes while the turn books: the turn is decided again with it, and
// sees what was booked.
func TestAMessageWhileItBooks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, hears, start string
	}{
		{"a question", "is there parking?", "Free parking", "2033-03-08T15:00"},
		{"another time", "no wait, make it 4", "16:00", "2033-03-08T15:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := asked(t, func(o *office) error {
				o.record(o.message(dialoguetest.Message{Text: tt.text, At: o.now()}))
				return nil
			})
			r := o.Say(t, []dialoguetest.Message{{Text: "yes", At: o.now()}})
			o.wantRow(t, tt.start)
			if !strings.Contains(r.Text, tt.hears) {
				t.Errorf("replied %q, want %q in it", r.Text, tt.hears)
			}
		})
	}
}

func (o *office) wantRow(t *testing.T, start string) {
	t.Helper()
	if rows := o.Rows(t); len(rows) != 1 || rows[0].Start != start {
		t.Errorf("rows %v, want one at %s", rows, start)
	}
}

// thief is a brain that tries another contact's appointment.
type thief struct {
	id   ingest.AppointmentID
	errs []error
}

func (*thief) Name() string { return "thief" }

func (b *thief) Decide(ctx context.Context, s agent.State, tools agent.Tools) (agent.Decision, error) {
	_, cancelled := tools.Cancel(ctx, b.id)
	_, moved := tools.Move(ctx, b.id, pickAt(s.Now.Add(48*time.Hour)), "")
	b.errs = []error{cancelled, moved}
	return agent.Decision{Outcome: ingest.Silent}, nil
}

// The tools touch the contact's own appointments and no others, whatever a
// brain asks for.
func TestOnlyOnesOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t, newWorld(t), 1, dialoguetest.Script{Business: "clinic"})
	o.SetNow(o.business.In("2033-03-07T09:15"))
	o.Book(t, dialoguetest.Row{Service: "Cleaning", Staff: "Ana", Start: "2033-03-08T15:00"}, false)
	list, _, err := o.bookings.Appointments(t.Context(), o.tenant, booking.Filter{Contact: "con_other"})
	if err != nil || len(list) != 1 {
		t.Fatalf("%d appointments, %v", len(list), err)
	}
	b := &thief{id: list[0].ID}
	o.brain = b
	o.turns = o.turnsWith(o.bookings)
	o.Say(t, []dialoguetest.Message{{Text: "cancel " + string(list[0].ID), At: o.now()}})
	for _, err := range b.errs {
		if !errors.Is(err, booking.ErrNotFound) {
			t.Errorf("error %v, want not found", err)
		}
	}
	if a, err := o.bookings.Appointment(t.Context(), o.tenant, list[0].ID); err != nil || a.Status != booking.Scheduled || a.Version != 1 {
		t.Errorf("the other's appointment is %+v, %v", a, err)
	}
}

// What the tools did is stored with the turn, and nothing of a booking with
// turns that have none.
func TestCallsAreStored(t *testing.T) {
	t.Parallel()
	o := asked(t, func(*office) error { return nil })
	o.Say(t, []dialoguetest.Message{{Text: "yes", At: o.now()}})
	turns, err := o.agents.Turns(t.Context(), o.tenant, o.only(o.tenant).ID)
	if err != nil || len(turns) != 2 {
		t.Fatalf("%d turns, %v", len(turns), err)
	}
	var tools []string
	for _, turn := range turns {
		for _, c := range turn.Decision.Calls {
			tools = append(tools, c.Tool)
		}
	}
	if got := strings.Join(tools, " "); got != "hold appointments book" {
		t.Errorf("tools %q", got)
	}
	if d := turns[1].State.Draft; !d.AwaitsYes() || d.Pending == nil || d.Hold == "" || len(turns[1].State.Catalogue.Services) != 3 {
		t.Errorf("the turn began with %+v", d)
	}
}
