package remind_test

import (
	"context"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/agent/remind"
	"frontdesk/ingest"
)

// busyDay is a world in which Wednesday is full, four appointments of the first
// person's, and n others have asked for it in chat and wait.
func busyDay(t *testing.T, n int) (w *world, first *person, booked []booking.Appointment, waiting []*person) {
	t.Helper()
	w = newWorld(t, "America/Belize")
	first = w.person(1, whatsapp)
	first.say("hello")
	for _, at := range []string{"08:00", "09:00", "10:00", "11:00"} {
		booked = append(booked, first.book("2026-11-25 "+at, false))
	}
	for i := range n {
		p := w.person(i+2, whatsapp)
		reply := p.say("I'd like a cleaning on Wednesday 25 November")
		w.has(reply.Content.Text, "not free", "Or shall I tell you")
		rows := reply.Content.Menu.Sections[0].Rows
		w.has(p.say("Tell me", rows[len(rows)-1].ID).Content.Text, "when a time becomes free", "Nothing is booked yet")
		w.at(w.now().Add(time.Minute))
		waiting = append(waiting, p)
	}
	return w, first, booked, waiting
}

func (w *world) cancel(a booking.Appointment) {
	w.t.Helper()
	_, err := w.bookings.Cancel(w.t.Context(), acme, a.ID, "", "", "contact")
	w.must(err)
}

// mine returns what p has booked.
func (p *person) mine() []booking.Appointment {
	p.t.Helper()
	list, _, err := p.bookings.Appointments(p.t.Context(), acme, booking.Filter{Contact: p.thread().Contact, Status: booking.Scheduled})
	p.must(err)
	return list
}

// offers returns how many notices p was sent.
func (p *person) offers() (out []ingest.Message) {
	p.t.Helper()
	for _, m := range p.notices() {
		if m.Party.Address() == p.phone {
			out = append(out, m)
		}
	}
	return out
}

func TestAFreeTimeIsOfferedToTheFirstWhoWaits(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 2)
	w.round()
	if n := len(w.notices()); n != 0 {
		t.Fatalf("%d offers while nothing is free", n)
	}
	w.cancel(booked[2])
	for range 3 {
		w.round()
	}
	m := w.only()
	if m.Party.Address() != waiting[0].phone {
		t.Error("it was offered to another than the first")
	}
	w.has(m.Content.Text, "has become free", "Cleaning with Ana", "Wednesday", "10:00")
	w.has(waiting[0].say("Yes, book it", button(t, m, 0)).Content.Text, "Booked", "10:00")
	got := waiting[0].mine()
	if len(got) != 1 || !got[0].Slot.Start.Equal(booked[2].Slot.Start) {
		t.Errorf("booked %+v", got)
	}
	w.has(waiting[0].say("Yes, book it", button(t, m, 0)).Content.Text, "Booked")
	if len(waiting[0].mine()) != 1 {
		t.Error("booked twice")
	}
	w.round()
	w.only()
	if got := w.one(`SELECT string_agg(status, ' ' ORDER BY created_at) FROM waitlist`); got != "booked waiting" {
		t.Errorf("the waitlist is %q", got)
	}
}

func TestANoPassesTheOfferOn(t *testing.T) {
	t.Parallel()
	w, first, booked, waiting := busyDay(t, 2)
	_, err := w.bookings.Move(t.Context(), acme, booked[0].ID, booking.Change{Start: w.local("2026-11-26 08:00")})
	w.must(err)
	w.round()
	w.has(waiting[0].say("no").Content.Text, "another time becomes free")
	w.round()
	second := waiting[1].offers()
	if len(second) != 1 || len(waiting[0].offers()) != 1 {
		t.Fatalf("%d and %d offers, want one each", len(waiting[0].offers()), len(second))
	}
	w.has(waiting[1].say("yes").Content.Text, "Booked", "08:00")
	w.round()
	if len(first.mine()) != 4 || len(waiting[1].mine()) != 1 || len(w.notices()) != 2 {
		t.Errorf("%d of the first's, %d of the second's, %d offers", len(first.mine()), len(waiting[1].mine()), len(w.notices()))
	}
}

func TestNoAnswerPassesTheOfferOn(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 2)
	w.cancel(booked[1])
	w.round()
	w.at(w.now().Add(30 * time.Minute))
	w.round()
	if a, b := len(waiting[0].offers()), len(waiting[1].offers()); a != 1 || b != 1 {
		t.Fatalf("%d and %d offers, want one each", a, b)
	}
	w.has(waiting[0].say("Yes", button(t, waiting[0].offers()[0], 0)).Content.Text, "not free")
	w.has(waiting[1].say("yes").Content.Text, "Booked", "09:00")
	w.at(w.now().Add(2 * time.Hour))
	w.round()
	if n := len(w.notices()); n != 2 {
		t.Errorf("%d offers, want 2", n)
	}
}

func TestALateYesTakesWhatIsStillFree(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 1)
	w.cancel(booked[1])
	w.round()
	w.at(w.now().Add(time.Hour))
	w.round()
	w.has(waiting[0].say("Yes", button(t, w.only(), 0)).Content.Text, "Booked", "09:00")
	if len(waiting[0].mine()) != 1 || w.one(`SELECT status FROM waitlist`) != "booked" {
		t.Error("a late yes to a time that is free books nothing, or they still wait")
	}
}

// TestAnAnswerToAnEarlierOffer is about buttons that are pressed late: they say
// nothing of the time that is offered since.
func TestAnAnswerToAnEarlierOffer(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 1)
	p := waiting[0]
	w.cancel(booked[1])
	w.round()
	earlier := w.only()
	w.at(w.now().Add(30 * time.Minute))
	w.round()
	w.cancel(booked[2])
	w.round()
	if n := len(p.offers()); n != 2 {
		t.Fatalf("%d offers, want two", n)
	}
	var reply ingest.Message
	for n, title := range []string{"Yes, book it", "No, thanks"} {
		reply = p.say(title, button(t, earlier, n))
		w.has(reply.Content.Text, "no longer stands", "10:00")
		if got := w.one(`SELECT status FROM waitlist`); len(p.mine()) != 0 || got != "offered" {
			t.Fatalf("%q under the earlier offer: %d are booked, and the wish is %q", title, len(p.mine()), got)
		}
	}
	w.has(p.say("Yes, book it", button(t, reply, 0)).Content.Text, "Booked", "10:00")
	if len(p.mine()) != 1 || w.one(`SELECT status FROM waitlist`) != "booked" {
		t.Error("what is offered now was not booked")
	}
}

func TestAnOfferOfSomebodyElseDoesNothing(t *testing.T) {
	t.Parallel()
	w, first, booked, waiting := busyDay(t, 1)
	w.cancel(booked[1])
	w.round()
	for n := range 2 {
		w.has(first.say("pressed", button(t, w.only(), n)).Content.Text, "no longer stands")
	}
	if got := w.one(`SELECT status FROM waitlist`); got != "offered" {
		t.Errorf("a stranger's answer made it %q", got)
	}
	waiting[0].say("yes")
	if len(waiting[0].mine()) != 1 {
		t.Error("the offer was spoiled")
	}
}

// TestAnOfferSurvivesItsWorker lets a worker die between holding a slot and
// offering it: the next one offers that very hold.
func TestAnOfferSurvivesItsWorker(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 2)
	w.cancel(booked[2])
	ctx, kill := context.WithCancel(t.Context())
	due, err := w.bookings.DueOpenings(t.Context(), 10, 2*time.Minute)
	w.must(err)
	list, err := w.bookings.WaitingFor(t.Context(), due[0])
	w.must(err)
	hold, err := w.bookings.Hold(t.Context(), acme, booking.HoldDraft{
		Service: w.clean.ID, Start: booked[2].Slot.Start, Contact: list[0].Contact, Conversation: list[0].Conversation, For: 30 * time.Minute, Key: remind.HoldKey(list[0], booked[2].Slot.Start),
	})
	w.must(err)
	_, err = w.bookings.OfferWait(ctx, acme, list[0], hold, func(ctx context.Context, tx pgx.Tx) error {
		kill()
		_, err := tx.Exec(ctx, `SELECT 1`)
		return err
	})
	if err == nil {
		t.Fatal("the worker did not die")
	}
	w.round()
	if n := len(w.notices()); n != 0 {
		t.Fatalf("%d offers while the lease of the dead one lasts", n)
	}
	w.at(w.now().Add(2 * time.Minute))
	w.round()
	w.round()
	if m := w.only(); m.Party.Address() != waiting[0].phone {
		t.Error("it was offered to another than the first")
	}
	if got := w.one(`SELECT hold_id FROM waitlist WHERE status = 'offered'`); got != string(hold.ID) || w.one(`SELECT count(*)::text FROM holds`) != "1" {
		t.Errorf("offered %s, want the hold of the dead one", got)
	}
	waiting[0].say("yes")
	if len(waiting[0].mine()) != 1 {
		t.Error("nothing was booked")
	}
}

func TestTwoWorkersOfferOnce(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 2)
	w.cancel(booked[1])
	w.cancel(booked[2])
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			w.must(w.another(w).Round(t.Context()))
			w.exec(acme, `UPDATE openings SET due_at = '2026-11-23', done_at = NULL`) // leases that are over, work that is done again
			w.must(w.another(w).Round(t.Context()))
		})
	}
	all.Wait()
	w.round()
	if a, b := len(waiting[0].offers()), len(waiting[1].offers()); a != 1 || b != 1 {
		t.Errorf("%d and %d offers, want one each", a, b)
	}
	waiting[0].say("yes")
	waiting[1].say("yes")
	if len(waiting[0].mine()) != 1 || len(waiting[1].mine()) != 1 {
		t.Error("they did not get one each")
	}
}

// TestOneIsOfferedOneTimeAtOnce has two workers think of the same person for two
// times: one of them finds that the other was first, and gives its hold back, so
// that the time is the next one's.
func TestOneIsOfferedOneTimeAtOnce(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 2)
	w.cancel(booked[1])
	inside, leave := make(chan bool), make(chan bool)
	once := sync.OnceFunc(func() { inside <- true; <-leave })
	slow := w.another(gateFunc(once))
	var all sync.WaitGroup
	all.Go(func() { w.must(slow.Round(t.Context())) })
	<-inside // it is about to offer 09:00 to the first
	w.exec(acme, `UPDATE waitlist SET created_at = created_at + interval '1 hour' WHERE contact_id <> $1`, waiting[0].thread().Contact)
	_, err := w.bookings.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: booked[1].Slot.Start, For: time.Minute})
	w.must(err)
	w.cancel(booked[2])
	w.round() // which offers them 10:00
	if n := len(waiting[0].offers()); n != 1 {
		t.Fatalf("%d offers, want one", n)
	}
	w.at(w.now().Add(2 * time.Minute)) // 09:00 is free again
	close(leave)
	all.Wait()
	if n := len(waiting[0].offers()); n != 1 {
		t.Errorf("%d offers stand for one wish", n)
	}
	w.round()
	if n := len(waiting[1].offers()); n != 1 {
		t.Errorf("the second has %d offers, want one", n)
	}
}

// TestRemindersDoNotWaitForOpenings has an offer take for ever: a reminder is
// sent meanwhile.
func TestRemindersDoNotWaitForOpenings(t *testing.T) {
	t.Parallel()
	w, first, booked, waiting := busyDay(t, 1)
	w.clean.Reminders = []booking.Reminder{{Before: 24 * time.Hour}}
	_, err := w.bookings.SaveService(t.Context(), acme, w.clean)
	w.must(err)
	first.book("2026-11-26 08:00", false)
	w.cancel(booked[3])
	slow, inside, leave := waiting[0].thread().ID, make(chan bool), make(chan bool)
	once := sync.OnceFunc(func() { close(inside); <-leave })
	w.gate = func(m ingest.Message) error {
		if m.Conversation == slow {
			once()
		}
		return nil
	}
	worker := remind.New(remind.Parts{Bookings: w.bookings, Conversations: w.conversations, Contacts: w.contacts, Agents: w.agents, Directory: w, Gate: w},
		remind.Config{Now: w.now, Poll: 5 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { w.must(worker.Run(ctx)) })
	<-inside
	w.at(w.local("2026-11-25 08:00"))
	deadline := time.Now().Add(10 * time.Second)
	for w.one(`SELECT count(*)::text FROM reminders WHERE status = 'sent'`) == "0" {
		if time.Now().After(deadline) {
			t.Error("the reminder waits for the opening")
			break
		}
		time.Sleep(time.Millisecond) // it is seen in the database alone
	}
	close(leave)
	stop()
	done.Wait()
}

func TestAnOfferWaitsForTheQuietHoursToEnd(t *testing.T) {
	t.Parallel()
	w, _, booked, _ := busyDay(t, 1)
	until := w.now().Add(10 * time.Hour)
	w.gate = func(ingest.Message) error {
		if w.now().Before(until) {
			return &remind.Refusal{Code: "quiet_hours", Until: until}
		}
		return nil
	}
	w.cancel(booked[1])
	w.round()
	w.at(until.Add(-time.Minute))
	w.round()
	if n := len(w.notices()); n != 0 || w.one(`SELECT count(*)::text FROM holds`) != "0" {
		t.Fatalf("%d offers in the quiet hours, or a time is held for nobody", n)
	}
	w.at(until)
	w.round()
	w.only()
}

func TestWhoCannotBeToldIsPassedOver(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 2)
	w.channels = nil
	one := waiting[0].thread().ID
	w.gate = func(m ingest.Message) error {
		if m.Conversation == one {
			return &remind.Refusal{Code: "window_closed"}
		}
		return nil
	}
	w.cancel(booked[1])
	w.round()
	if w.only().Party.Address() != waiting[1].phone {
		t.Error("it was offered to somebody else")
	}
	if got := w.one(`SELECT status || ' ' || detail FROM waitlist ORDER BY created_at LIMIT 1`); got != "waiting window_closed" {
		t.Errorf("who could not be told is %q", got)
	}
}

func TestAnOfferByTemplate(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 1)
	w.exec(acme, `UPDATE tenants SET waitlist_template = 'slot_free'`)
	w.gate = func(m ingest.Message) error {
		if m.Content.Type != ingest.Templated {
			return &remind.Refusal{Code: "window_closed"}
		}
		return nil
	}
	w.cancel(booked[1])
	w.round()
	m := w.only()
	var parts []struct {
		Parameters []struct{ Text, Payload string }
	}
	w.must(json.Unmarshal(m.Content.Template.Components, &parts))
	if m.Content.Template.Name != "slot_free" || m.Content.Template.Language != "en" || len(parts) != 3 {
		t.Fatalf("offered by %+v", m.Content.Template)
	}
	waiting[0].say("Yes", parts[1].Parameters[0].Payload)
	if len(waiting[0].mine()) != 1 {
		t.Error("its quick reply books nothing")
	}
}

func TestAHoldThatRunsOutIsOffered(t *testing.T) {
	t.Parallel()
	w, first, booked, waiting := busyDay(t, 0)
	w.cancel(booked[3])
	hold, err := w.bookings.Hold(t.Context(), acme, booking.HoldDraft{Service: w.clean.ID, Start: booked[3].Slot.Start, Contact: first.thread().Contact, For: 10 * time.Minute})
	w.must(err)
	p := w.person(2, sms)
	w.has(p.say("A cleaning on Wednesday 25 November please").Content.Text, "not free")
	w.has(p.say("let me know if something opens up").Content.Text, "when a time becomes free")
	w.round()
	if n := len(w.notices()); n != 0 {
		t.Fatal("offered what is held")
	}
	w.at(hold.ExpiresAt)
	w.round()
	w.has(w.only().Content.Text, "11:00")
	p.say("1")
	if len(p.mine()) != 1 || len(waiting) != 0 {
		t.Error("1 by SMS books nothing")
	}
}

func TestThreeOffersEndAWish(t *testing.T) {
	t.Parallel()
	w, _, booked, waiting := busyDay(t, 1)
	for i := range 3 {
		w.cancel(booked[i])
		w.round()
		waiting[0].say("no")
	}
	w.cancel(booked[3])
	w.round()
	if n := len(w.notices()); n != 3 || w.one(`SELECT status FROM waitlist`) != "left" {
		t.Errorf("%d offers, and the wish is %q", n, w.one(`SELECT status FROM waitlist`))
	}
}
