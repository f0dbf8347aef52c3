package remind_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/agent/booking"
	"frontdesk/agent/conversation"
	"frontdesk/agent/remind"
	"frontdesk/ingest"
)

// reminded is a world in which a person has an appointment on Wednesday at 10,
// and the time to remind of it has come.
func reminded(t *testing.T, channel ingest.ChannelID) (*world, *person, booking.Appointment) {
	t.Helper()
	w := newWorld(t, "America/Belize", dayBefore)
	p := w.person(1, channel)
	p.say("hello")
	a := p.book("2026-11-25 10:00", false)
	w.round()
	if n := len(w.notices()); n != 0 {
		t.Fatalf("%d reminders before their time", n)
	}
	w.at(w.local("2026-11-24 10:00"))
	return w, p, a
}

func TestAReminderIsSentOnceAndAnsweredByButton(t *testing.T) {
	t.Parallel()
	w, p, a := reminded(t, whatsapp)
	for range 3 {
		w.round()
	}
	m := w.only()
	w.has(m.Content.Text, "Casa Maya", "Cleaning", "with Ana", "Wednesday", "25 November 2026", "10:00", "(America/Belize)")
	if !m.Expires.Equal(a.Slot.Start) {
		t.Errorf("it may be sent until %v, want until the appointment begins", m.Expires)
	}
	if m.Conversation != p.thread().ID || m.Content.Type != ingest.Interactive || m.Test || m.Author != "bot" {
		t.Errorf("sent %+v", m)
	}
	if n := len(w.announced(ingest.AppointmentReminded)); n != 1 {
		t.Errorf("announced %d times", n)
	}
	reply := p.say("Yes, I'll come", button(t, m, 0))
	w.has(reply.Content.Text, "Thank you", "Wednesday", "10:00")
	if w.appointment(a.ID).ConfirmedAt.IsZero() {
		t.Error("the confirmation is not stored")
	}
}

func TestAReminderSpeaksTheContactsLanguage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ lang, want string }{{"es", "le esperamos para Cleaning con Ana, miércoles"}, {"de", "Wir erwarten Sie zu Cleaning bei Ana, Mittwoch"}, {"fr", "we expect you"}} {
		w := newWorld(t, "America/Belize", dayBefore)
		p := w.person(1, whatsapp)
		p.say("hello")
		w.exec(acme, `UPDATE conversations SET language = $1`, tt.lang)
		p.book("2026-11-25 10:00", false)
		w.at(w.local("2026-11-24 10:00"))
		w.round()
		w.has(w.only().Content.Text, tt.want)
	}
}

func TestWordsAnswerAReminder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		channel ingest.ChannelID
		words   []string
		want    func(booking.Appointment) bool
	}{
		{"yes confirms", whatsapp, []string{"yes"}, func(a booking.Appointment) bool { return !a.ConfirmedAt.IsZero() }},
		{"a phrase confirms", whatsapp, []string{"ok, I'll be there"}, func(a booking.Appointment) bool { return !a.ConfirmedAt.IsZero() }},
		{"1 by SMS confirms", sms, []string{"1"}, func(a booking.Appointment) bool { return !a.ConfirmedAt.IsZero() }},
		{"YES by SMS is no opt-in", sms, []string{"YES"}, func(a booking.Appointment) bool { return !a.ConfirmedAt.IsZero() }},
		{"3 by SMS cancels, once it is sure", sms, []string{"3", "1"}, func(a booking.Appointment) bool { return a.Status == booking.Cancelled }},
		{"cancel, no: it stays", whatsapp, []string{"please cancel it", "no"}, func(a booking.Appointment) bool { return a.Status == booking.Scheduled && a.ConfirmedAt.IsZero() }},
		{"another time moves", whatsapp, []string{"can I come on Thursday at 9 instead?", "yes"}, func(a booking.Appointment) bool {
			return a.Version == 2 && a.Slot.Start.Format("02 15:04") == "26 15:00"
		}},
		{"no changes nothing by itself", whatsapp, []string{"no"}, func(a booking.Appointment) bool { return a.Status == booking.Scheduled && a.ConfirmedAt.IsZero() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, p, a := reminded(t, tt.channel)
			w.round()
			var last ingest.Message
			for _, words := range tt.words {
				if p.opt = ""; words == "YES" {
					p.opt = ingest.OptStart // as Twilio has it
				}
				last = p.say(words)
			}
			if got := w.appointment(a.ID); !tt.want(got) {
				t.Errorf("the appointment is %+v after %q", got, last.Content.Text)
			}
		})
	}
}

func TestButtonsOfAReminderAreOfOneAppointment(t *testing.T) {
	t.Parallel()
	w, p, a := reminded(t, whatsapp)
	other := p.book("2026-11-25 11:00", false)
	w.round()
	m := w.only()
	w.has(p.say("Cancel", button(t, m, 2)).Content.Text, "10:00", "Shall I cancel")
	p.say("yes")
	if w.appointment(a.ID).Status != booking.Cancelled || w.appointment(other.ID).Status != booking.Scheduled {
		t.Error("another appointment was cancelled than that of the button")
	}
	w.has(p.say("Yes, I'll come", button(t, m, 0)).Content.Text, "can no longer be changed")
}

func TestAnotherTimeByButton(t *testing.T) {
	t.Parallel()
	w, p, a := reminded(t, whatsapp)
	w.round()
	offered := p.say("Another time", button(t, w.only(), 1))
	w.has(offered.Content.Text, "which of these times")
	p.say("the first", button(t, offered, 0))
	p.say("yes")
	if got := w.appointment(a.ID); got.Version != 2 || got.Slot.Start.Equal(a.Slot.Start) {
		t.Errorf("the appointment is %+v", got)
	}
}

func TestSomebodyElsesButtonDoesNothing(t *testing.T) {
	t.Parallel()
	w, _, a := reminded(t, whatsapp)
	stranger := w.person(2, whatsapp)
	stranger.say("hello")
	w.round()
	m := w.only()
	for n := range 3 {
		w.has(stranger.say("pressed", button(t, m, n)).Content.Text, "can no longer be changed")
		stranger.say("yes")
	}
	if got := w.appointment(a.ID); got.Status != booking.Scheduled || !got.ConfirmedAt.IsZero() || got.Version != 1 {
		t.Errorf("a stranger's button changed it to %+v", got)
	}
}

func TestAnOldButtonTellsHowItStands(t *testing.T) {
	t.Parallel()
	w, p, a := reminded(t, whatsapp)
	w.round()
	m := w.only()
	_, err := w.bookings.Move(t.Context(), acme, a.ID, booking.Change{Start: w.local("2026-11-26 09:00")})
	w.must(err)
	reply := p.say("Yes, I'll come", button(t, m, 0))
	w.has(reply.Content.Text, "has been changed", "Thursday", "09:00")
	if !w.appointment(a.ID).ConfirmedAt.IsZero() {
		t.Error("a time that they do not know of was confirmed")
	}
	p.say("Yes, I'll come", button(t, reply, 0))
	if w.appointment(a.ID).ConfirmedAt.IsZero() {
		t.Error("the confirmation of the new time is not stored")
	}
}

func TestAConfirmationCountsWhileAPersonTalks(t *testing.T) {
	t.Parallel()
	w, p, a := reminded(t, whatsapp)
	_, err := w.conversations.HandOff(t.Context(), acme, p.thread().ID, "api", "api")
	w.must(err)
	w.round()
	m := w.only()
	if reply := p.say("Another time", button(t, m, 1)); reply.ID != "" {
		t.Errorf("the bot speaks over a person: %q", reply.Content.Text)
	}
	p.say("Yes, I'll come", button(t, m, 0))
	if w.appointment(a.ID).ConfirmedAt.IsZero() {
		t.Error("the confirmation is not stored")
	}
}

// TestAWorkerThatDiesSendsNothingTwice kills the connection of a worker when its
// message is written and not committed, and undoes the mark of one that is.
func TestAWorkerThatDiesSendsNothingTwice(t *testing.T) {
	t.Parallel()
	w, _, a := reminded(t, whatsapp)
	due, err := w.bookings.DueReminders(t.Context(), 10, time.Minute)
	w.must(err)
	_, err = w.bookings.SendReminder(t.Context(), due[0], func(ctx context.Context, tx pgx.Tx) (ingest.MessageID, error) {
		_, err := w.conversations.SendWithin(ctx, tx, acme, conversation.Draft{Channel: whatsapp, Contact: a.Contact, Content: ingest.Content{Type: ingest.Text, Text: "lost"}, Category: "utility", RequestKey: due[0].ID})
		w.must(err)
		_, err = tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
		return "", err
	})
	if err == nil {
		t.Fatal("the worker did not die")
	}
	w.round()
	if n := len(w.notices()) + len(w.announced(ingest.AppointmentReminded)); n != 0 {
		t.Fatalf("%d messages and events while the lease of the dead one lasts", n)
	}
	w.at(w.now().Add(2 * time.Minute))
	w.round()
	first := w.only()
	w.exec(acme, `UPDATE reminders SET status = 'waiting', leased_until = NULL`) // as though the mark were lost
	w.round()
	if w.only().ID != first.ID {
		t.Error("the message was sent anew")
	}
	if got := w.one(`SELECT status || ' ' || detail FROM reminders`); got != "sent "+string(first.ID) {
		t.Errorf("the reminder is %q", got)
	}
}

func TestTwoWorkersSendOne(t *testing.T) {
	t.Parallel()
	w, _, _ := reminded(t, whatsapp)
	inside, leave := make(chan bool), make(chan bool)
	slow := w.another(gateFunc(func() { inside <- true; <-leave }))
	var all sync.WaitGroup
	all.Go(func() { w.must(slow.Round(t.Context())) })
	<-inside // it has the reminder, and sleeps beyond its lease
	w.exec(acme, `UPDATE reminders SET leased_until = NULL`)
	for range 3 {
		all.Go(func() { w.must(w.another(w).Round(t.Context())) })
	}
	close(leave)
	all.Wait()
	w.only()
	if n := len(w.announced(ingest.AppointmentReminded)); n != 1 {
		t.Errorf("announced %d times", n)
	}
}

type gateFunc func()

func (g gateFunc) Check(context.Context, ingest.TenantID, ingest.Message) error {
	g()
	return nil
}

func TestAnAppointmentThatChangesMeanwhileIsNotRemindedOf(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world, booking.Appointment) error{
		"cancelled": func(w *world, a booking.Appointment) error {
			_, err := w.bookings.Cancel(t.Context(), acme, a.ID, "", "", "contact")
			return err
		},
		"moved": func(w *world, a booking.Appointment) error {
			_, err := w.bookings.Move(t.Context(), acme, a.ID, booking.Change{Start: w.local("2026-11-27 09:00")})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _, a := reminded(t, whatsapp)
			late := w.another(gateFunc(func() { w.must(change(w, a)) }))
			w.must(late.Round(t.Context()))
			if n := len(w.notices()); n != 0 {
				t.Errorf("%d reminders of what is no more", n)
			}
		})
	}
}

func TestATestAppointmentStaysInTheSandbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "America/Belize", dayBefore)
	p := w.person(1, whatsapp)
	p.say("hello")
	p.book("2026-11-25 10:00", true)
	w.at(w.local("2026-11-24 10:00"))
	w.round()
	m := w.only()
	if !m.Test || m.Conversation == p.thread().ID {
		t.Errorf("a test appointment is reminded of by %+v", m)
	}
}

func TestQuietHoursDeferAndDrop(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "America/New_York", booking.Reminder{Before: 2 * time.Hour})
	w.at(w.local("2027-03-11 07:00"))
	p := w.person(1, whatsapp)
	p.say("hello")
	early, late := p.book("2027-03-12 08:00", false), p.book("2027-03-12 10:00", false)
	w.gate = func(ingest.Message) error {
		if until := w.local("2027-03-12 08:30"); w.now().Before(until) {
			return &remind.Refusal{Code: "quiet_hours", Until: until}
		}
		return nil
	}
	w.at(w.local("2027-03-12 06:00"))
	w.round()
	w.at(w.local("2027-03-12 08:00"))
	w.round()
	if n := len(w.notices()); n != 0 {
		t.Fatalf("%d reminders in the quiet hours", n)
	}
	if got := w.one(`SELECT status || ' ' || detail FROM reminders WHERE appointment_id = $1`, early.ID); got != "dropped quiet_hours" {
		t.Errorf("the reminder of what begins in the quiet hours is %q", got)
	}
	w.at(w.local("2027-03-12 08:30"))
	w.round()
	w.has(w.only().Content.Text, "10:00")
	if got := w.one(`SELECT status FROM reminders WHERE appointment_id = $1`, late.ID); got != "sent" {
		t.Errorf("the reminder that could wait is %q", got)
	}
}

func TestTwoRemindersAtOnceAreOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "America/Belize", booking.Reminder{Before: 12 * time.Hour}, booking.Reminder{Before: 2 * time.Hour})
	p := w.person(1, whatsapp)
	p.say("hello")
	p.book("2026-11-25 09:00", false)
	until := w.local("2026-11-25 08:00")
	w.gate = func(ingest.Message) error {
		if w.now().Before(until) {
			return &remind.Refusal{Code: "quiet_hours", Until: until}
		}
		return nil
	}
	for _, at := range []string{"2026-11-24 21:00", "2026-11-25 07:00", "2026-11-25 08:00"} {
		w.at(w.local(at))
		w.round()
	}
	w.only()
	if got := w.one(`SELECT string_agg(before_minutes || ' ' || status, ', ' ORDER BY before_minutes) FROM reminders`); got != "120 sent, 720 dropped" {
		t.Errorf("the reminders are %q", got)
	}
}

func TestOutsideOfTheWindow(t *testing.T) {
	t.Parallel()
	closed := func(m ingest.Message) error {
		if m.Content.Type != ingest.Templated {
			return &remind.Refusal{Code: "window_closed"}
		}
		return nil
	}
	t.Run("by template", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "America/Belize", booking.Reminder{Before: 24 * time.Hour, Template: "visit_tomorrow/en_US"})
		p := w.person(1, whatsapp)
		p.say("hello")
		a := p.book("2026-11-25 10:00", false)
		w.gate = closed
		w.at(w.local("2026-11-24 10:00"))
		w.round()
		m := w.only()
		var parts []struct {
			Type       string
			Parameters []struct{ Text, Payload string }
		}
		w.must(json.Unmarshal(m.Content.Template.Components, &parts))
		if m.Content.Template.Name != "visit_tomorrow" || m.Content.Template.Language != "en_US" || len(parts) != 4 || parts[0].Parameters[0].Text != "Cleaning with Ana" {
			t.Fatalf("sent %+v", m.Content.Template)
		}
		w.has(parts[0].Parameters[1].Text, "Wednesday", "10:00", "America/Belize")
		p.say("Yes", parts[1].Parameters[0].Payload)
		if w.appointment(a.ID).ConfirmedAt.IsZero() {
			t.Error("the quick reply confirms nothing")
		}
	})
	t.Run("without one it ends with its reason", func(t *testing.T) {
		t.Parallel()
		w, _, a := reminded(t, whatsapp)
		w.channels, w.gate = nil, closed
		w.round()
		if got := w.one(`SELECT status || ' ' || detail FROM reminders`); got != "dropped window_closed" || len(w.notices()) != 0 {
			t.Errorf("the reminder is %q", got)
		}
		history, err := w.bookings.History(t.Context(), acme, a.ID)
		w.must(err)
		if last := history[len(history)-1]; last.Kind != "not_reminded" || last.Reason != "window_closed" {
			t.Errorf("the history ends with %+v", last)
		}
	})
	t.Run("by SMS, where the business has it", func(t *testing.T) {
		t.Parallel()
		w, _, _ := reminded(t, whatsapp)
		w.gate = func(m ingest.Message) error {
			if m.Channel == whatsapp {
				return closed(m)
			}
			return nil
		}
		w.round()
		if m := w.only(); m.Channel != sms || m.Provider != "twilio" || m.Party.Address() != "+15550000001" {
			t.Errorf("sent %+v", m)
		}
	})
	t.Run("who opted out is written to nowhere", func(t *testing.T) {
		t.Parallel()
		w, _, _ := reminded(t, whatsapp)
		w.gate = func(m ingest.Message) error {
			if m.Channel == whatsapp {
				return &remind.Refusal{Code: "opted_out"}
			}
			return nil
		}
		w.round()
		if got := w.one(`SELECT status || ' ' || detail FROM reminders`); got != "dropped opted_out" || len(w.notices()) != 0 {
			t.Errorf("the reminder is %q", got)
		}
	})
}

func TestWhatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	w, _, _ := reminded(t, whatsapp)
	asked := 0
	w.gate = func(ingest.Message) error {
		if asked++; asked < 3 {
			return errors.New("the directory cannot be read")
		}
		return nil
	}
	w.round()
	w.round()
	if asked != 1 {
		t.Errorf("tried %d times at once", asked)
	}
	for range 3 {
		w.at(w.now().Add(10 * time.Minute))
		w.round()
	}
	w.only()
}

func TestAReminderWaitsForAQuestionToBeAnswered(t *testing.T) {
	t.Parallel()
	w, p, a := reminded(t, whatsapp)
	p.say("I'd like another cleaning on Friday at 9")
	w.round()
	if n := len(w.notices()); n != 0 {
		t.Fatal("a reminder came between a question and its answer")
	}
	p.say("yes")
	w.at(w.now().Add(10 * time.Minute))
	w.round()
	w.only()
	p.say("yes")
	if w.appointment(a.ID).ConfirmedAt.IsZero() {
		t.Error("the confirmation is not stored")
	}
}

func TestWordsOfTheBusiness(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "America/Belize", booking.Reminder{Before: 24 * time.Hour, Text: "See you {when} for your {service}{staff}! {business}"})
	p := w.person(1, whatsapp)
	p.say("hello")
	p.book("2026-11-25 10:00", false)
	w.at(w.local("2026-11-24 10:00"))
	w.round()
	if text := w.only().Content.Text; !strings.HasPrefix(text, "See you Wednesday") || !strings.HasSuffix(text, "for your Cleaning with Ana! Casa Maya") {
		t.Errorf("sent %q", text)
	}
}
