package dialogue

import (
	"context"
	"errors"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// respond takes what is said to a notice, by button or by word. It returns false
// where something else is meant, or more is to be asked.
func (t *turn) respond(ctx context.Context) (handled bool, err error) {
	a := t.h.answer
	if a == nil {
		if a = t.spoken(); a == nil {
			return false, nil
		}
	}
	t.useful = true
	switch a.kind {
	case idTake:
		return true, t.takeOffer(ctx, *a)
	case idPass:
		return true, t.passOffer(ctx, *a)
	}
	own, err := t.reminded(ctx, *a)
	if err != nil || own == nil {
		return true, err
	}
	switch a.kind {
	case idConfirm:
		return true, t.confirm(ctx, *own)
	case idMove:
		t.turnTo(Move, *own)
		return true, t.move(ctx)
	case idCancel:
		t.turnTo(Cancel, *own)
		return true, t.cancel(ctx)
	}
	t.ask(t.say(sayMoveOrCancel), ReminderOf(*own, t.in.Now), idConfirm)
	return true, nil
}

// idDeny stands for a bare no to a reminder, which has no button.
const idDeny = "deny."

// spoken returns what words say to the open notice, or nil.
func (t *turn) spoken() *answer {
	h, n := t.h, t.d.Notice
	if !t.d.noticed() {
		return nil
	}
	list := n.answers()
	bare := !h.wishes() && !h.changes() && !h.whenMine
	switch {
	case h.yes && bare:
		return &list[0]
	case n.Wait != "" && h.no && bare:
		return &list[1]
	case n.Wait != "":
		return nil
	case h.no && bare:
		return &answer{idDeny, list[0].id, n.Version}
	case h.acts[language.Cancel] && !h.acts[language.Book]:
		return &list[2]
	case h.acts[language.Move], !h.changes() && h.service == "" && (len(h.parts) > 0 || h.later || h.earlier || h.other):
		return &list[1]
	}
	return nil
}

// reminded returns the appointment that an answer is about, if it is the
// contact's and as it was when they were reminded. Else it says how it stands,
// and returns nil.
func (t *turn) reminded(ctx context.Context, a answer) (*booking.Appointment, error) {
	own, err := t.desk.Appointment(ctx, ingest.AppointmentID(a.id))
	switch {
	case errors.Is(err, booking.ErrNotFound):
	case err != nil:
		return nil, err
	case own.Status == booking.Scheduled && own.Slot.Start.After(t.in.Now) && own.Version == a.version:
		return &own, nil
	case own.Status == booking.Scheduled && own.Slot.Start.After(t.in.Now):
		n := ReminderOf(own, t.in.Now)
		t.ask(t.sayf(sayNowAt, pickOf(own)), n, "")
		return nil, nil
	}
	t.done = t.say(sayGone)
	t.d.Notice = nil
	return nil, nil
}

func pickOf(a booking.Appointment) Pick {
	return Pick{Service: a.Slot.Service, Staff: a.Slot.Staff, Start: a.Slot.Start}
}

// ask asks n again with text, but for the answer except.
func (t *turn) ask(text string, n Notice, except string) {
	var list []answer
	for _, a := range n.answers() {
		if a.kind != except {
			list = append(list, a)
		}
	}
	t.d.Notice = &n
	t.prompt, t.promptMenu = text, t.noticeMenu(list)
}

// confirm notes that the contact will come.
func (t *turn) confirm(ctx context.Context, own booking.Appointment) error {
	a, err := t.desk.Confirm(ctx, own.ID)
	if errors.Is(err, booking.ErrFinal) || errors.Is(err, booking.ErrNotFound) {
		t.done, err = t.say(sayGone), nil
	} else if err == nil {
		t.done = t.sayf(sayConfirmed, pickOf(a))
	}
	t.d.Notice = nil
	return err
}

// turnTo begins a task with one appointment. What was held for another is given
// back by the next hold.
func (t *turn) turnTo(task Task, a booking.Appointment) {
	t.start(task)
	o := optionOf(a)
	t.d.Target = &o
	t.used(o)
	if task == Move {
		t.h.other = false // said of the time that it has
	}
}

// takeOffer books what somebody who waits was offered: by its hold, or, where
// they took their time, if it is free still. A yes to an earlier offer than the
// last one books nothing.
func (t *turn) takeOffer(ctx context.Context, answer answer) error {
	w, err := t.desk.Waited(ctx, answer.id)
	if errors.Is(err, booking.ErrNotFound) || err == nil && w.Offers == 0 {
		t.done = t.say(sayOfferGone)
		return nil
	}
	if err != nil {
		return err
	}
	if w.Status == booking.Taken {
		return t.alreadyTaken(ctx, w)
	}
	if int64(w.Offers) != answer.version {
		t.offersNow(w)
		return nil
	}
	t.start(Book)
	p := Pick{Service: w.Service, Staff: w.Offer.Staff, Start: w.Offer.Start}
	a, err := t.desk.Book(ctx, p, w.Offer.Hold)
	if errors.Is(err, booking.ErrHoldExpired) {
		if a, err = t.desk.Book(ctx, p, ""); err == nil {
			err = t.desk.Settle(ctx, w, true)
		}
	}
	if err != nil {
		t.d.Wish.Service = w.Service
		return t.refused(ctx, p, err)
	}
	t.finish(a)
	return nil
}

// offersNow answers what was said to an earlier offer than the last one: with
// that one, if it stands.
func (t *turn) offersNow(w booking.Wait) {
	if w.Status != booking.Offered {
		t.done, t.d.Notice = t.say(sayOfferGone), nil
		return
	}
	n := Notice{Wait: w.ID, Offer: w.Offers, Service: w.Service, Staff: w.Offer.Staff, Start: w.Offer.Start, At: t.in.Now}
	t.ask(t.sayf(sayOfferNow, Pick{Service: n.Service, Staff: n.Staff, Start: n.Start}), n, "")
}

// alreadyTaken answers a yes to an offer that was taken before.
func (t *turn) alreadyTaken(ctx context.Context, w booking.Wait) error {
	if err := t.look(ctx); err != nil {
		return err
	}
	for _, a := range t.own {
		if a.Slot.Service == w.Service && a.Slot.Start.Equal(w.Offer.Start) {
			t.finish(a)
			return nil
		}
	}
	t.done = t.say(sayGone)
	t.d.Notice = nil
	return nil
}

// passOffer gives back what somebody who waits was offered. A no to an earlier
// offer leaves the one that stands.
func (t *turn) passOffer(ctx context.Context, answer answer) error {
	w, err := t.desk.Waited(ctx, answer.id)
	if err == nil && w.Status == booking.Offered && int64(w.Offers) == answer.version {
		if err = t.desk.Settle(ctx, w, false); err == nil {
			w, err = t.desk.Waited(ctx, w.ID)
		}
	}
	switch {
	case errors.Is(err, booking.ErrNotFound):
		t.done = t.say(sayOfferGone)
	case err != nil:
		return err
	case w.Status == booking.Offered:
		t.offersNow(w)
		return nil
	case w.Status == booking.Taken:
		return t.alreadyTaken(ctx, w)
	case w.Status == booking.Left:
		t.done = t.say(sayWaitOver)
	default:
		t.done = t.say(sayWaitOn)
	}
	t.d.Notice = nil
	return nil
}
