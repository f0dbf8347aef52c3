package dialogue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
)

// How many options are offered: as buttons, as a list, and numbered in a text.
const (
	mostButtons = 3
	mostRows    = 10
	mostLines   = 5
)

// ahead is how far is looked for free slots where no day was named: first near,
// then as far as is usually booked.
var ahead = []time.Duration{14 * 24 * time.Hour, 90 * 24 * time.Hour}

// offer asks which of the free slots that fit the wish it shall be.
func (t *turn) offer(ctx context.Context) error {
	found, err := t.free(ctx)
	if err != nil {
		return t.refused(ctx, Pick{Service: t.d.Wish.Service, Staff: t.d.Wish.Staff}, err)
	}
	w := t.d.Wish
	switch {
	case len(found) == 0:
		return t.nothing(ctx)
	case len(found) == 1 && (len(w.Days) > 0 || w.Clock.exact()):
		return t.take(ctx, Option{Start: found[0].Start})
	case len(w.Days) == 0:
		found = soonest(found, t.in.Zone)
	}
	t.offers(spread(found, t.most()))
	return nil
}

// offers puts slots to the choice. The slot that was held for the question
// before is given up when the next is held.
func (t *turn) offers(list []booking.Slot) {
	d := &t.d
	d.Asked, d.Pending, d.Offered, d.Near = AskedTime, nil, nil, false
	d.Full = nil
	for _, s := range list {
		d.Offered = append(d.Offered, Option{Service: s.Service, Staff: s.Staff, Start: s.Start})
	}
}

func (t *turn) most() int {
	if t.in.Medium == language.SMS {
		return mostLines
	}
	return mostRows
}

// free returns the free slots that fit the wish, one for each start.
func (t *turn) free(ctx context.Context) ([]booking.Slot, error) {
	w := t.d.Wish
	var found []booking.Slot
	if len(w.Days) > 0 {
		for _, d := range w.Days {
			from, to := t.bounds(d)
			some, err := t.slots(ctx, from, to)
			if err != nil {
				return nil, err
			}
			found = append(found, some...)
		}
		slices.SortStableFunc(found, func(a, b booking.Slot) int { return a.Start.Compare(b.Start) })
		return t.fitting(found, w), nil
	}
	for _, far := range ahead {
		some, err := t.slots(ctx, t.in.Now, t.in.Now.Add(far))
		if err != nil {
			return nil, err
		}
		if found = t.fitting(some, w); len(found) > 0 {
			break
		}
	}
	return found, nil
}

// bounds returns the time that d spans, from now on.
func (t *turn) bounds(d Days) (from, to time.Time) {
	from = t.in.Now
	first, ok := civil(d.First, t.in.Zone)
	if !first.IsZero() && !ok {
		return from, from // there is no such day
	}
	if first.After(from) {
		from = first
	}
	to = from.Add(ahead[0])
	if last, _ := civil(d.Last, t.in.Zone); !last.IsZero() {
		to = last.AddDate(0, 0, 1)
	}
	return from, to
}

func (t *turn) slots(ctx context.Context, from, to time.Time) ([]booking.Slot, error) {
	if !to.After(from) {
		return nil, nil
	}
	if longest := from.Add(booking.LongestQuery); to.After(longest) {
		to = longest
	}
	q := t.query()
	q.From, q.To = from, to
	return t.desk.Slots(ctx, q)
}

func (t *turn) query() booking.SlotQuery {
	q := booking.SlotQuery{Service: t.d.Wish.Service, Staff: t.d.Wish.Staff, ExceptHold: t.d.Hold}
	if t.d.Task == Move && t.d.Target != nil {
		q.Except = t.d.Target.Appointment
	}
	return q
}

// fitting returns those of list that fit w, the first of each start.
func (t *turn) fitting(list []booking.Slot, w Wish) []booking.Slot {
	var out []booking.Slot
	for _, s := range list {
		if n := len(out); w.fits(s.Start.In(t.in.Zone)) && (n == 0 || !out[n-1].Start.Equal(s.Start)) {
			out = append(out, s)
		}
	}
	return out
}

// soonest returns the first slot of each of the next half days.
func soonest(list []booking.Slot, zone *time.Location) []booking.Slot {
	var out []booking.Slot
	last := ""
	for _, s := range list {
		half := s.Start.In(zone).Format("2006-01-02 PM")
		if half != last && len(out) < mostButtons {
			out, last = append(out, s), half
		}
	}
	return out
}

// spread returns most of list, evenly from its first to its last.
func spread(list []booking.Slot, most int) []booking.Slot {
	if len(list) <= most {
		return list
	}
	out := make([]booking.Slot, most)
	for i := range out {
		out[i] = list[i*(len(list)-1)/(most-1)]
	}
	return out
}

// shift offers slots later or earlier than those offered, or than the pending
// one; handled is false where there is nothing to compare with.
func (t *turn) shift(ctx context.Context) (handled bool, err error) {
	d := &t.d
	first, last := time.Time{}, time.Time{}
	if d.Pending != nil {
		first, last = d.Pending.Start, d.Pending.Start
	} else if n := len(d.Offered); n > 0 && d.Asked == AskedTime {
		first, last = d.Offered[0].Start, d.Offered[n-1].Start
	} else if d.Target != nil {
		first, last = d.Target.Start, d.Target.Start
	}
	if first.IsZero() || d.Wish.Service == "" || len(t.h.parts) > 0 {
		return false, nil
	}
	from, to := last.Add(time.Minute), last.Add(ahead[0])
	if t.h.earlier && !t.h.later {
		from, to = t.in.Now, first
	}
	list, err := t.slots(ctx, from, to)
	if err != nil {
		return true, t.refused(ctx, Pick{Service: d.Wish.Service}, err)
	}
	list = t.fitting(list, Wish{})
	if len(list) == 0 {
		t.note(t.say(sayNothingThen))
		return true, nil // what was offered stays
	}
	d.Wish.Days, d.Wish.Clock = nil, Clock{}
	if on := day(first.In(t.in.Zone)); on == day(last.In(t.in.Zone)) && on == day(list[0].Start.In(t.in.Zone)) {
		d.Wish.Days = []Days{{on, on}}
	}
	if t.h.later {
		t.offers(list[:min(len(list), mostButtons)])
	} else {
		t.offers(list[max(0, len(list)-mostButtons):])
	}
	return true, nil
}

// others offers other times of the day that was asked about, or asks for another
// day or time than what was offered.
func (t *turn) others(ctx context.Context) error {
	d := &t.d
	if p := d.Pending; p != nil && d.Asked == AskedConfirm && (t.h.pressed || t.h.other) && !t.h.otherDay {
		if found, err := t.sameDay(ctx, p.Start); err != nil || found {
			return err
		}
	}
	d.Wish.Days, d.Wish.Clock, d.Offered, d.Asked = nil, Clock{}, nil, AskedTime
	return t.letGo(ctx)
}

// sameDay offers what else is free on the day of start.
func (t *turn) sameDay(ctx context.Context, start time.Time) (found bool, err error) {
	on := day(start.In(t.in.Zone))
	t.d.Wish.Days, t.d.Wish.Clock = []Days{{on, on}}, Clock{}
	list, err := t.free(ctx)
	if err != nil && !refusal(err) {
		return false, err
	}
	list = slices.DeleteFunc(list, func(s booking.Slot) bool { return s.Start.Equal(start) })
	if len(list) == 0 {
		return false, nil
	}
	err = t.letGo(ctx)
	t.offers(spread(list, t.most()))
	return true, err
}

// nothing says why nothing is free as it is wished, with what is free nearest.
func (t *turn) nothing(ctx context.Context) error {
	w := t.d.Wish
	around := t.in.Now
	if len(w.Days) > 0 {
		around = t.around(w.Days[0], w.Clock)
	}
	err := error(booking.ErrSlotTaken)
	if len(w.Days) == 1 && w.Days[0].First == w.Days[0].Last {
		err = t.why(ctx, w.Days[0].First)
	}
	switch {
	case !errors.Is(err, booking.ErrSlotTaken):
	case t.over(w):
		err = errOver
	case t.outside(w):
		err = booking.ErrOutsideHours
	}
	near, nearErr := t.desk.Nearest(ctx, t.query(), around, mostButtons)
	if nearErr != nil && !refusal(nearErr) {
		return nearErr
	}
	return t.refused(ctx, Pick{Service: w.Service, Staff: w.Staff}, &booking.Refusal{Err: err, Nearest: near})
}

// around returns a time on d to look near to.
func (t *turn) around(d Days, c Clock) time.Time {
	clock := c.At
	if clock == "" {
		clock = c.From
	}
	if clock == "" {
		clock = "09:00"
	}
	at, ok := civil(d.First, t.in.Zone)
	if at.IsZero() {
		return t.in.Now
	}
	if !ok {
		at = at.AddDate(0, 0, -1)
	}
	hour, minute := 0, 0
	_, _ = fmt.Sscanf(clock, "%d:%d", &hour, &minute) // as when.Clock writes it
	return time.Date(at.Year(), at.Month(), at.Day(), hour, minute, 0, 0, t.in.Zone)
}

// why returns what keeps a day without a free slot from being had: that is of
// the day as a whole, or it is merely full.
func (t *turn) why(ctx context.Context, on string) error {
	if on < day(t.in.Now.In(t.in.Zone)) {
		return booking.ErrPast
	}
	p := HoldRequest{Pick: Pick{Service: t.d.Wish.Service, Staff: t.d.Wish.Staff, Local: on + "T12:00"}}
	h, err := t.desk.Hold(ctx, p)
	if err == nil { // 12:00 is free, but not among the beginnings that are offered
		if err := t.desk.Release(ctx, h.ID); err != nil {
			return err
		}
		return booking.ErrSlotTaken
	}
	for _, whole := range []error{booking.ErrClosed, booking.ErrTooFar, booking.ErrStaffOff, booking.ErrDayFull, booking.ErrNoSuchTime, booking.ErrNotOffered} {
		if errors.Is(err, whole) {
			return whole
		}
	}
	return booking.ErrSlotTaken
}

func day(t time.Time) string { return t.Format(time.DateOnly) }
