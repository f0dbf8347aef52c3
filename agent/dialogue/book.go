package dialogue

import (
	"cmp"
	"context"
	"errors"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// book goes on with a new booking.
func (t *turn) book(ctx context.Context) error {
	h, d := t.h, &t.d
	if h.acts[language.Cancel] && !h.acts[language.Book] || h.no && !h.wishes() && (d.Asked == AskedService || d.Asked == AskedTime && len(d.Offered) == 0) {
		return t.giveUp(ctx)
	}
	if h.party > mostTogether {
		t.res.DeadEnd = true
		return t.letGo(ctx)
	}
	if h.after && d.Done != nil && len(h.parts) == 0 && (d.Asked == AskedTime || d.Asked == AskedConfirm || d.Asked == "" && h.service != "") {
		d.Wish.Service = cmp.Or(h.service, d.Wish.Service)
		start := d.Done.Start.In(t.in.Zone)
		d.Wish.Days = []Days{{day(start), day(start)}}
		return cmp.Or(t.letGo(ctx), t.behind(ctx, d.Done.End)) // "and the other right after"
	}
	if t.queue(); h.again && d.Done != nil && h.service == "" && len(h.parts) == 0 {
		d.Then = append([]ingest.ServiceID{another}, d.Then...)
		return t.next(ctx)
	}
	if d.Asked == AskedService && h.option > 0 {
		d.Wish.Service, d.Asked, d.Offered = d.Offered[h.option-1].Service, "", nil
		t.h.option = 0
	}
	if done := d.Done; (h.also || h.again) && done != nil && d.Wish.Service == "" && h.service == "" && t.in.Catalogue.offers(done.Service) {
		start := done.Start.In(t.in.Zone)
		d.Wish.Service, d.Wish.Days = done.Service, []Days{{day(start), day(start)}} // "and at 3 too"
	}
	if d.Wish.Service == "" {
		if list := t.in.Catalogue.active(); len(list) == 1 {
			d.Wish.Service = list[0].ID
		} else if d.Hint != nil && t.h.service == "" && t.in.Catalogue.offers(d.Hint.Service) {
			d.Wish.Service = d.Hint.Service
		}
	}
	return t.settle(ctx)
}

// settle takes what was said of the slot of a booking or a move, and goes on to
// the next question, or commits.
func (t *turn) settle(ctx context.Context) error {
	h, d := t.h, &t.d
	if d.Asked == AskedTime && h.yes && !h.wishes() && len(d.Offered) == 1 {
		h.option = 1
	}
	switch {
	case d.Asked == AskedTime && h.option > 0:
		return t.take(ctx, d.Offered[h.option-1])
	case d.Asked == AskedConfirm && h.yes && !t.differs():
		return t.commit(ctx)
	case h.later, h.earlier:
		if handled, err := t.shift(ctx); handled || err != nil {
			return err
		}
	case h.other, h.no && (d.Asked == AskedConfirm || d.Asked == AskedTime) && !h.wishes():
		return t.others(ctx)
	case d.Asked != "" && !h.wishes():
		t.which = h.yes && len(d.Offered) > 1
		t.useful = t.useful && !h.yes && !h.no
		return nil // the question stays open
	}
	t.merge()
	return t.progress(ctx)
}

// differs reports whether what was said is not what is pending.
func (t *turn) differs() bool {
	h, p := t.h, t.d.Pending
	if p == nil || h.later || h.earlier || h.other {
		return true
	}
	if h.service != "" && h.service != p.Service || h.staff != "" && h.staff != p.Staff {
		return true
	}
	for _, parts := range h.parts {
		days, clock := merge(parts)
		if w := (Wish{Days: days, Clock: clock}); !w.fits(p.Start.In(t.in.Zone)) {
			return true
		}
	}
	return false
}

// merge puts what was said into the wish: what is named takes the place of what
// was.
func (t *turn) merge() {
	h, w := t.h, &t.d.Wish
	if h.service != "" {
		w.Service = h.service
	}
	if h.staff != "" {
		w.Staff = h.staff
	} else if h.anyone {
		w.Staff = ""
	}
	if h.soonest {
		w.Days, w.Clock = nil, Clock{}
	}
	if h.sameTime {
		t.sameTime()
	}
	if len(h.not) > 0 {
		w.Not = h.not
	}
	for _, parts := range h.parts {
		days, clock := merge(parts)
		if len(days) > 0 {
			w.Days = days
		}
		if !clock.none() {
			w.Clock = clock
		}
	}
}

// sameTime wishes for the time of day of what is pending, to be moved, or was
// booked last.
func (t *turn) sameTime() {
	switch d := &t.d; {
	case d.Pending != nil:
		d.Wish.Clock = Clock{At: d.Pending.Start.In(t.in.Zone).Format("15:04")}
	case d.Done != nil && d.Target == nil:
		d.Wish.Clock = Clock{At: d.Done.Start.In(t.in.Zone).Format("15:04")}
	case d.Target != nil:
		d.Wish.Clock = Clock{At: d.Target.Start.In(t.in.Zone).Format("15:04")}
	}
}

// progress asks for what is missing, or holds the slot that is wanted and asks
// whether to book it.
func (t *turn) progress(ctx context.Context) error {
	w := t.d.Wish
	switch {
	case w.Service == "":
		t.askService()
		return nil
	case len(w.Days) == 1 && w.Days[0].First == w.Days[0].Last && w.Clock.exact():
		return t.try(ctx, Pick{Service: w.Service, Staff: w.Staff, Local: w.Days[0].First + "T" + w.Clock.At})
	}
	return t.offer(ctx)
}

func (t *turn) askService() {
	d := &t.d
	d.Asked, d.Offered, d.Pending = AskedService, nil, nil
	for _, s := range t.in.Catalogue.active() {
		d.Offered = append(d.Offered, Option{Service: s.ID})
	}
}

// take holds an option that was offered.
func (t *turn) take(ctx context.Context, o Option) error {
	start := o.Start.In(t.in.Zone)
	w := &t.d.Wish
	w.Days, w.Clock = []Days{{day(start), day(start)}}, Clock{At: start.Format("15:04")}
	return t.try(ctx, Pick{Service: w.Service, Staff: w.Staff, Start: o.Start})
}

// try holds the slot of p and asks whether to book it. Where that is refused it
// tries what p may mean as well, then says why, with alternatives.
func (t *turn) try(ctx context.Context, p Pick) error {
	hold, err := t.hold(ctx, p)
	other := t.d.Wish.Clock.Other
	if err != nil && other != "" && p.Local != "" && (errors.Is(err, booking.ErrOutsideHours) || errors.Is(err, booking.ErrPast) || errors.Is(err, booking.ErrTooSoon) || errors.Is(err, booking.ErrSlotTaken)) {
		q := p
		q.Local = t.d.Wish.Days[0].First + "T" + other
		h, again := t.hold(ctx, q)
		switch {
		case again == nil:
			hold, err = h, nil
		case errors.Is(err, booking.ErrOutsideHours) && errors.Is(again, booking.ErrPast):
			err, p = again, q
		}
	}
	switch {
	case err == nil && t.d.Task == Move && hold.Slot.Start.Equal(t.d.Target.Start) && t.d.Wish.Staff == "":
		t.d.Hold = hold.ID
		return t.keep(ctx) // it is there already
	case err == nil:
		d := &t.d
		d.Hold, d.Offered, d.Asked = hold.ID, nil, AskedConfirm
		d.Pending = &Pick{Service: hold.Slot.Service, Staff: hold.Slot.Staff, Start: hold.Slot.Start}
		return nil
	case errors.Is(err, booking.ErrSlotTaken) && t.d.Task == Book:
		if has, failed := t.already(ctx, p); has || failed != nil {
			return failed
		}
	case errors.Is(err, booking.ErrNotOffered) && p.Staff != "":
		t.note(t.sayf(sayNotOffered, p))
		t.d.Wish.Staff, p.Staff = "", ""
		return t.try(ctx, p)
	}
	return t.refused(ctx, p, err)
}

// already reports whether the contact has what p wishes, and says so.
func (t *turn) already(ctx context.Context, p Pick) (bool, error) {
	if err := t.look(ctx); err != nil {
		return false, err
	}
	for _, a := range t.own {
		local := a.Slot.Start.In(t.in.Zone).Format(wallClock)
		if a.Slot.Service == p.Service && (p.Staff == "" || p.Staff == a.Slot.Staff) && (local == p.Local || a.Slot.Start.Equal(p.Start)) {
			t.done = t.sayf(sayAlready, pickOf(a))
			return true, t.drop(ctx)
		}
	}
	return false, nil
}

// hold holds the slot of p. An appointment that is moved stays with whom it is,
// where they are free.
func (t *turn) hold(ctx context.Context, p Pick) (booking.Hold, error) {
	r := HoldRequest{Pick: p, Replace: t.d.Hold}
	if t.d.Task != Move || t.d.Target == nil {
		return t.desk.Hold(ctx, r)
	}
	if p.Staff == "" && t.d.Target.Staff != "" {
		r.Staff = t.d.Target.Staff
		if h, err := t.desk.Hold(ctx, r); err == nil {
			return h, nil
		}
		r.Staff = ""
	}
	h, err := t.desk.Hold(ctx, r)
	if errors.Is(err, booking.ErrSlotTaken) {
		return t.overlap(ctx, p, err)
	}
	return h, err
}

// overlap finds the slot of p where only the appointment that is moved is in its
// way: there is no hold on it then. Else it returns err.
func (t *turn) overlap(ctx context.Context, p Pick, err error) (booking.Hold, error) {
	start := p.Start
	if p.Local != "" {
		start, _ = time.ParseInLocation(wallClock, p.Local, t.in.Zone) // it was taken, so it can be read
	}
	list, failed := t.slots(ctx, start, start.Add(time.Minute))
	if failed != nil || len(list) == 0 {
		return booking.Hold{}, cmp.Or(failed, err)
	}
	for _, s := range list {
		if s.Staff == t.d.Target.Staff {
			return booking.Hold{Slot: s}, t.letGo(ctx)
		}
	}
	return booking.Hold{Slot: list[0]}, t.letGo(ctx)
}

// commit books or moves what is pending.
func (t *turn) commit(ctx context.Context) error {
	p := *t.d.Pending
	a, err := t.put(ctx, p, t.d.Hold)
	if errors.Is(err, booking.ErrHoldExpired) && t.d.Hold != "" {
		a, err = t.put(ctx, p, "")
	}
	switch {
	case err == nil:
		t.finish(a)
		return nil
	case errors.Is(err, booking.ErrFinal), errors.Is(err, booking.ErrNotFound):
		return t.gone(ctx)
	}
	return t.refused(ctx, p, err)
}

func (t *turn) put(ctx context.Context, p Pick, hold ingest.HoldID) (booking.Appointment, error) {
	if t.d.Task == Move {
		return t.desk.Move(ctx, t.d.Target.Appointment, p, hold)
	}
	return t.desk.Book(ctx, p, hold)
}

// finish says what a is now, and ends the task. Only what the desk returned
// comes here.
func (t *turn) finish(a booking.Appointment) {
	what := sayBooked
	if t.d.Task == Move {
		what = sayMoved
	}
	t.done = t.sayf(what, Pick{Service: a.Slot.Service, Staff: a.Slot.Staff, Start: a.Slot.Start})
	t.d = Draft{Then: t.d.Then, Done: &Done{Appointment: a.ID, At: t.in.Now, Service: a.Slot.Service, Start: a.Slot.Start, End: a.Slot.End}}
}

// giveUp ends a booking that nothing came of.
func (t *turn) giveUp(ctx context.Context) error {
	err := t.letGo(ctx)
	t.done = t.say(sayNothingBooked)
	if t.d.Done != nil {
		t.done = t.say(sayNothingMore)
	}
	t.d = Draft{Done: t.d.Done}
	return err
}

// letGo gives the hold back.
func (t *turn) letGo(ctx context.Context) error {
	id := t.d.Hold
	t.d.Hold, t.d.Pending = "", nil
	if id == "" {
		return nil
	}
	return t.desk.Release(ctx, id)
}
