package dialogue

import (
	"context"
	"errors"
	"slices"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
)

// move goes on with moving an appointment of the contact's.
func (t *turn) move(ctx context.Context) error {
	if t.h.no && !t.h.wishes() && (t.d.Asked == AskedAppointment || t.d.Asked == AskedTime && len(t.d.Offered) == 0) {
		return t.keep(ctx)
	}
	if t.d.Target == nil {
		found, err := t.find(ctx)
		if err != nil || !found {
			return err
		}
	}
	w := &t.d.Wish
	if w.Service == "" {
		w.Service = t.d.Target.Service
	}
	if len(w.Days) == 0 && t.onlyClock() {
		start := t.d.Target.Start.In(t.in.Zone)
		w.Days = []Days{{day(start), day(start)}} // "make it 4" is said of the same day
	}
	return t.settle(ctx)
}

// onlyClock reports whether a time was named and no day.
func (t *turn) onlyClock() bool {
	clocks := false
	for _, parts := range t.h.parts {
		days, clock := merge(parts)
		if len(days) > 0 {
			return false
		}
		clocks = clocks || !clock.none()
	}
	return clocks
}

// cancel goes on with cancelling an appointment of the contact's.
func (t *turn) cancel(ctx context.Context) error {
	h, d := t.h, &t.d
	switch {
	case d.Asked == AskedCancel && (h.yes || h.acts[language.Cancel] && !h.no):
		a, err := t.desk.Cancel(ctx, d.Target.Appointment)
		if errors.Is(err, booking.ErrFinal) || errors.Is(err, booking.ErrNotFound) {
			return t.gone(ctx)
		}
		if err != nil {
			return err
		}
		t.done = t.sayf(sayCancelled, Pick{Service: a.Slot.Service, Start: a.Slot.Start})
		t.d = Draft{}
		return nil
	case h.no && !h.wishes() && d.Asked != "":
		return t.keep(ctx)
	case d.Asked == AskedCancel && h.option == 0 && len(h.parts) == 0:
		return nil // the question stays open
	}
	if d.Target == nil || len(h.parts) > 0 || h.option > 0 {
		d.Target = nil
		if found, err := t.find(ctx); err != nil || !found {
			return err
		}
	}
	d.Asked, d.Offered = AskedCancel, nil
	return t.letGo(ctx)
}

// find settles which appointment is meant, or asks.
func (t *turn) find(ctx context.Context) (bool, error) {
	d := &t.d
	if d.Asked == AskedAppointment && t.h.option > 0 {
		d.Target = &d.Offered[t.h.option-1]
		t.h.option, d.Offered, d.Asked = 0, nil, ""
		return true, nil
	}
	if err := t.look(ctx); err != nil {
		return false, err
	}
	list := t.meant()
	switch {
	case len(t.own) == 0:
		t.done = t.say(sayNoAppointment)
		return false, t.drop(ctx)
	case len(list) == 1:
		o := optionOf(list[0])
		d.Target, d.Asked, d.Offered = &o, "", nil
		t.used(o)
		return true, nil
	}
	if d.Asked == AskedAppointment && !t.h.changes() && len(t.h.parts) == 0 && t.h.service == "" && t.h.staff == "" {
		return false, nil // the question stays open
	}
	t.keepWish()
	d.Asked, d.Offered = AskedAppointment, nil
	for _, a := range list[:min(len(list), mostRows)] {
		d.Offered = append(d.Offered, optionOf(a))
	}
	return false, nil
}

// meant returns the appointments that the messages may speak of, all of them
// where they tell none apart.
func (t *turn) meant() []booking.Appointment {
	list := t.own
	narrow := func(fits func(booking.Appointment) bool) {
		var some []booking.Appointment
		for _, a := range list {
			if fits(a) {
				some = append(some, a)
			}
		}
		if len(some) > 0 {
			list = some
		}
	}
	if len(list) < 2 {
		return list
	}
	if done := t.d.Done; done != nil && t.h.service == "" && !t.h.mine {
		narrow(func(a booking.Appointment) bool { return a.ID == done.Appointment })
	}
	narrow(func(a booking.Appointment) bool { return t.h.service == "" || a.Slot.Service == t.h.service })
	narrow(func(a booking.Appointment) bool { return t.h.staff == "" || a.Slot.Staff == t.h.staff })
	if len(list) > 1 && len(t.h.old) > 0 {
		narrow(func(a booking.Appointment) bool {
			return slices.ContainsFunc(t.h.old, func(p part) bool { return t.names(p, optionOf(a)) })
		})
	}
	if len(list) > 1 && len(t.h.parts) > 0 {
		narrow(func(a booking.Appointment) bool {
			return slices.ContainsFunc(t.h.parts, func(parts []part) bool {
				return slices.ContainsFunc(parts, func(p part) bool { return t.names(p, optionOf(a)) })
			})
		})
	}
	return list
}

// names reports whether p says when o is: its day, and its time if p has one.
func (t *turn) names(p part, o Option) bool {
	return p.days != nil && p.days.First == p.days.Last && Wish{Days: []Days{*p.days}, Clock: p.clock}.fits(o.Start.In(t.in.Zone))
}

// used takes out of what was heard what told the appointment itself: "my Tuesday
// appointment", "from Tuesday at 3".
func (t *turn) used(o Option) {
	t.h.staff = ""
	if t.h.service == o.Service {
		t.h.service = ""
	}
	for i, parts := range t.h.parts {
		for k, p := range parts {
			if t.names(p, o) {
				t.h.parts[i] = slices.Delete(slices.Clone(parts), k, k+1)
				if len(t.h.parts[i]) == 0 {
					t.h.parts = slices.Delete(slices.Clone(t.h.parts), i, i+1)
				}
				return
			}
		}
	}
}

// keepWish remembers what was said of the new time while it is asked which
// appointment is meant.
func (t *turn) keepWish() {
	if t.d.Task != Move {
		return
	}
	for _, parts := range t.h.parts {
		days, clock := merge(slices.DeleteFunc(slices.Clone(parts), func(p part) bool {
			return slices.ContainsFunc(t.own, func(a booking.Appointment) bool { return t.names(p, optionOf(a)) })
		}))
		if len(days) > 0 {
			t.d.Wish.Days = days
		}
		if !clock.none() {
			t.d.Wish.Clock = clock
		}
	}
}

// keep ends the task with the appointment as it is.
func (t *turn) keep(ctx context.Context) error {
	t.done = t.say(sayNothingChanged)
	if o := t.d.Target; o != nil {
		t.done = t.sayf(sayKept, Pick{Service: o.Service, Staff: o.Staff, Start: o.Start})
	}
	return t.drop(ctx)
}

// gone tells that the appointment is not there any more.
func (t *turn) gone(ctx context.Context) error {
	t.done = t.say(sayGone)
	return t.drop(ctx)
}

// drop ends the task.
func (t *turn) drop(ctx context.Context) error {
	err := t.letGo(ctx)
	t.d = Draft{Done: t.d.Done}
	return err
}

// list tells the contact's appointments.
func (t *turn) list(ctx context.Context) error {
	if err := t.look(ctx); err != nil {
		return err
	}
	if len(t.own) == 0 {
		t.answers = append(t.answers, t.say(sayNoAppointment))
		return nil
	}
	text := t.say(sayYours)
	for _, a := range t.own[:min(len(t.own), mostRows)] {
		text += "\n• " + t.phrase(Pick{Service: a.Slot.Service, Staff: a.Slot.Staff, Start: a.Slot.Start})
	}
	t.answers = append(t.answers, text)
	return nil
}
