package dialogue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// idWait is the id of what offers to be told of a time that becomes free.
const idWait = "wait."

func waitID(turn int) string { return idWait + strconv.Itoa(turn) }

// Span is a stretch of time in which a slot may begin.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// noteFull notes that what is wished is taken altogether, so that the contact can
// choose to be told when something of it becomes free. near is what is free
// elsewhere.
func (t *turn) noteFull(err error, near []booking.Slot) {
	w := t.d.Wish
	if t.d.Task != Book || len(w.Days) == 0 || !errors.Is(err, booking.ErrSlotTaken) && !errors.Is(err, booking.ErrDayFull) {
		return
	}
	wanted := Wish{Days: w.Days}
	if !w.Clock.exact() {
		wanted.Clock = w.Clock
	}
	for _, s := range near {
		if wanted.fits(s.Start.In(t.in.Zone)) {
			return
		}
	}
	if span := t.span(wanted); span.To.After(span.From) && span.To.Sub(span.From) <= booking.LongestWait {
		t.d.Full = &span
	}
}

// span returns the time of a wish, from now on. The hours of a part of a day
// count where one day is meant.
func (t *turn) span(w Wish) Span {
	var out Span
	for _, d := range w.Days {
		from, to := t.bounds(d)
		if out.From.IsZero() || from.Before(out.From) {
			out.From = from
		}
		if to.After(out.To) {
			out.To = to
		}
	}
	if len(w.Days) != 1 || w.Days[0].First != w.Days[0].Last {
		return out
	}
	first, _ := civil(w.Days[0].First, t.in.Zone)
	clock := func(text string) (time.Time, bool) {
		hour, minute := 0, 0
		n, err := fmt.Sscanf(text, "%d:%d", &hour, &minute)
		return time.Date(first.Year(), first.Month(), first.Day(), hour, minute, 0, 0, t.in.Zone), n == 2 && err == nil
	}
	if from, ok := clock(w.Clock.From); ok && from.After(out.From) {
		out.From = from
	}
	if to, ok := clock(w.Clock.Until); ok && to.Before(out.To) && w.Clock.From < w.Clock.Until {
		out.To = to
	}
	return out
}

// answersWait takes the wish to be told, by its number or in words.
func (e *ear) answersWait(w []string) bool {
	if e.draft.Full == nil || e.draft.Asked != AskedTime {
		return false
	}
	number := len(w) == 1 && e.in.Medium == language.SMS && w[0] == strconv.Itoa(len(e.draft.Offered)+1)
	if number || holds(w, waitOnes) {
		e.heard.wait = true
	}
	return e.heard.wait
}

// wait puts the contact on the waitlist for what was full.
func (t *turn) wait(ctx context.Context) error {
	w := t.d.Wish
	err := t.desk.Wait(ctx, booking.Wait{Service: w.Service, Staff: w.Staff, From: t.d.Full.From, To: t.d.Full.To})
	switch {
	case errors.Is(err, booking.ErrWaitLimit):
		t.done = t.say(sayWaitLimit)
	case errors.Is(err, booking.ErrPast), errors.Is(err, booking.ErrNotFound):
		t.done = t.say(sayPast)
	case err != nil:
		return err
	default:
		t.done = t.say(sayWaiting)
	}
	return t.drop(ctx)
}

// orWait adds the choice to be told to what is offered.
func (t *turn) orWait(list []ingest.Choice) []ingest.Choice {
	if t.d.Full == nil || t.d.Asked != AskedTime {
		return list
	}
	return append(list, ingest.Choice{ID: waitID(t.in.Turn), Title: t.say(sayTellMe)})
}
