package dialogue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/agent/booking"
)

// reasons is what a contact is told of a refusal, the first that fits.
var reasons = []struct {
	err error
	say sentence
}{
	{booking.ErrPast, sayPast},
	{booking.ErrNoSuchTime, sayNoSuchTime},
	{booking.ErrTwoTimes, sayTwoTimes},
	{booking.ErrClosed, sayClosed},
	{errOver, sayDayOver},
	{booking.ErrTooSoon, sayTooSoon},
	{booking.ErrTooFar, sayTooFar},
	{booking.ErrOutsideHours, sayOutsideHours},
	{errAway, sayAway},
	{booking.ErrStaffOff, sayStaffOff},
	{booking.ErrNotOffered, sayNotOfferedNow},
	{booking.ErrDayFull, sayDayFull},
	{booking.ErrSlotTaken, sayTaken},
	{booking.ErrHoldLimit, sayTaken},
}

func refusal(err error) bool {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return true
		}
	}
	return false
}

// refused tells why p cannot be had, and offers what is free nearest to it. An
// error that is no refusal is returned.
func (t *turn) refused(ctx context.Context, p Pick, err error) error {
	if !refusal(err) {
		return err
	}
	closed := errors.Is(err, booking.ErrClosed)
	err = t.away(p, err)
	why := err
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			t.note(t.sayf(r.say, p))
			break
		}
	}
	if err := t.letGo(ctx); err != nil {
		return err
	}
	near := booking.Nearest(err)
	if len(near) == 0 {
		if near, err = t.soonest(ctx); err != nil {
			return err
		}
	}
	if len(near) == 0 {
		t.res.DeadEnd = true
		return nil
	}
	t.offers(t.closest(t.fitting(near, Wish{}), p))
	t.d.Near = true
	t.noteFull(why, near)
	if closed {
		t.d.Wish.Days = t.offeredDays()
	}
	return nil
}

// errAway is a day on which the business is open, and the person who is wished
// for is not there.
var errAway = fmt.Errorf("not there on that day: %w", booking.ErrStaffOff)

// errOver is the day at hand when the business is open no more.
var errOver = fmt.Errorf("the day is over: %w", booking.ErrTooSoon)

// away tells a day on which the business is closed from one on which only nobody
// is there who does it, as far as its hours are known.
func (t *turn) away(p Pick, err error) error {
	day := p.Start.In(t.in.Zone)
	if text, _, ok := strings.Cut(p.Local, "T"); ok {
		day, _ = civil(text, t.in.Zone)
	} else if p.Start.IsZero() && len(t.d.Wish.Days) == 1 {
		day, _ = civil(t.d.Wish.Days[0].First, t.in.Zone)
	}
	if spans, ok := t.in.Hours.on(day); !errors.Is(err, booking.ErrClosed) || !ok || len(spans) == 0 {
		return err
	}
	why := booking.ErrStaffOff
	if t.d.Wish.Staff != "" {
		why = errAway
	}
	return &booking.Refusal{Err: why, Nearest: booking.Nearest(err)}
}

// offeredDays returns the days of what is offered: where nothing can be had on
// the day that was wished, a time that is named next is meant for one of them.
func (t *turn) offeredDays() []Days {
	var days []Days
	for _, o := range t.d.Offered {
		day := o.Start.In(t.in.Zone).Format(time.DateOnly)
		if n := len(days); n == 0 || days[n-1].First != day {
			days = append(days, Days{First: day, Last: day})
		}
	}
	return days
}

// closest returns those of list that are closest to p, as many as there are
// buttons, in their order.
func (t *turn) closest(list []booking.Slot, p Pick) []booking.Slot {
	around := p.Start
	if day, clock, ok := strings.Cut(p.Local, "T"); ok {
		around = t.around(Days{First: day}, Clock{At: clock})
	}
	if around.IsZero() || len(list) <= mostButtons {
		return list[:min(len(list), mostButtons)]
	}
	slices.SortStableFunc(list, func(a, b booking.Slot) int { return cmp.Compare(a.Start.Sub(around).Abs(), b.Start.Sub(around).Abs()) })
	list = list[:mostButtons]
	slices.SortFunc(list, func(a, b booking.Slot) int { return a.Start.Compare(b.Start) })
	return list
}

// soonest returns the first slots that are free at all for the service that is
// wished, with anybody.
func (t *turn) soonest(ctx context.Context) ([]booking.Slot, error) {
	t.d.Wish.Staff = ""
	for _, far := range ahead {
		list, err := t.slots(ctx, t.in.Now, t.in.Now.Add(far))
		if refusal(err) {
			return nil, nil
		}
		if err != nil || len(list) > 0 {
			return soonest(t.fitting(list, Wish{}), t.in.Zone), err
		}
	}
	return nil, nil
}

func (t *turn) note(text string) {
	for _, n := range t.notes {
		if n == text {
			return
		}
	}
	t.notes = append(t.notes, text)
}
