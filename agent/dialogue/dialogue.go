package dialogue

import (
	"cmp"
	"context"

	"frontdesk/agent/booking"
	"frontdesk/agent/language"
	"frontdesk/ingest"
)

// turn is a turn on its way.
type turn struct {
	in   Input
	desk Desk
	h    heard
	d    Draft
	own  []booking.Appointment // once looked up
	read bool

	done    string   // what was booked, moved or cancelled, or left
	answers []string // from the knowledge
	notes   []string // why a wish cannot be had
	useful  bool     // something was understood
	quiet   bool     // the open question stays, and is not asked again
	which   bool     // a yes to several: which of them is not said

	prompt     string // a notice that is asked again
	promptMenu *ingest.Menu
	res        Result
}

// Take decides a turn. An error is one of the desk or of the knowledge that is
// no refusal: the turn is then to be taken again.
func Take(ctx context.Context, in Input, desk Desk) (Result, error) {
	t := &turn{in: in, desk: desk, d: in.Draft.at(in.Now)}
	t.h = hear(in, t.d)
	if !t.concerns() {
		t.remember()
		return Result{Draft: t.d}, nil
	}
	for _, step := range []func(context.Context) error{t.recall, t.opening, t.answer, t.act, t.goOn} {
		if err := step(ctx); err != nil {
			return Result{}, err
		}
	}
	return t.result(), nil
}

// concerns reports whether the messages concern a booking.
func (t *turn) concerns() bool {
	h := t.h
	switch {
	case h.answer != nil, h.any && t.d.Notice != nil && t.spoken() != nil, len(h.openings) > 0:
		return true
	case !h.any || !t.in.Catalogue.Books():
		return false
	case t.d.Open(), h.changes(), h.whenMine, h.who, t.pricesAsked():
		return true
	case t.d.Done != nil && (h.no || h.instead) && len(h.parts) > 0:
		return true // "no, make it 4"
	case h.again, h.service != "" && (h.party > 1 || h.after && t.d.Done != nil):
		return true
	case h.service != "" && h.brief && len(h.questions) == 0:
		return true // "a cleaning, please"
	case t.d.Hint != nil && len(h.parts) > 0 && h.acts[language.Ask]:
		return true // "how much is a cleaning?" - "and do you have Friday?"
	case h.onlyTime && len(h.parts) > 0 && len(h.questions) == 0:
		return true // "Monday then, as early as possible"
	}
	return (h.service != "" || h.staff != "") && (len(h.parts) > 0 || h.soonest)
}

func (h heard) changes() bool {
	return h.acts[language.Book] || h.acts[language.Move] || h.acts[language.Cancel]
}

// wishes reports whether h says anything of what is wanted.
func (h heard) wishes() bool {
	return h.option > 0 || h.service != "" || h.staff != "" || h.anyone || len(h.parts) > 0 || h.later || h.earlier || h.other || h.soonest || h.sameTime || len(h.not) > 0
}

// remember keeps the service that was asked about.
func (t *turn) remember() {
	t.d = t.in.Draft
	if id := cmp.Or(t.h.service, t.h.maybe); id != "" && !t.d.Open() {
		t.d.Hint, t.d.At = &Hint{Service: id, At: t.in.Now}, t.in.Now
	}
}

// recall finds what an earlier attempt at this turn has booked, moved or
// cancelled before it was lost, so that what the contact said since is heard as
// said of that.
func (t *turn) recall(ctx context.Context) error {
	if !t.d.AwaitsYes() {
		return nil
	}
	if err := t.look(ctx); err != nil {
		return err
	}
	for _, a := range t.own {
		p := t.d.Pending
		booked := t.d.Task == Book && p != nil && a.Conversation == t.in.Conversation && a.Slot.Service == p.Service && (p.Staff == "" || a.Slot.Staff == p.Staff)
		moved := t.d.Task == Move && p != nil && t.d.Target != nil && a.ID == t.d.Target.Appointment
		if (booked || moved && !t.d.Target.Start.Equal(p.Start)) && a.Slot.Start.Equal(p.Start) {
			t.finish(a)
			t.h.yes, t.useful = false, true
			return nil
		}
	}
	return nil
}

// look reads the contact's appointments, once.
func (t *turn) look(ctx context.Context) (err error) {
	if t.read {
		return nil
	}
	t.own, err = t.desk.Appointments(ctx)
	t.read = err == nil
	return err
}

// answer answers the questions in between.
func (t *turn) answer(ctx context.Context) error {
	for i, q := range t.h.questions {
		if i == mostQuestions {
			break
		}
		if price := t.asksPrice(q); price != "" {
			t.answers, t.useful = append(t.answers, price), true
			continue
		}
		text, ok, err := t.in.Ask(ctx, q)
		if err != nil {
			return err
		}
		price := t.listPrice(q)
		switch {
		case !ok && q == t.h.besides: // it was no question for the knowledge
		case ok:
			t.answers = append(t.answers, text)
			t.useful = true
		case price != "":
			t.answers, t.useful = append(t.answers, price), true
		case t.h.maybe != "" && t.h.service == "":
			t.h.service = t.h.maybe // "do you have a cleaning?"
		default:
			t.res.Unanswered = true
		}
	}
	if t.h.maybe != "" && !t.d.Open() && len(t.answers) > 0 {
		t.d.Hint = &Hint{Service: t.h.maybe, At: t.in.Now}
	}
	return nil
}

// mostQuestions is how many questions of a burst are looked up.
const mostQuestions = 3

// act goes on with the task that the messages are about.
func (t *turn) act(ctx context.Context) error {
	if handled, err := t.respond(ctx); handled || err != nil {
		return err
	}
	if h := t.h; h.thinks && !h.yes && !h.no && !h.wishes() && !h.changes() && len(h.questions) == 0 {
		t.done, t.quiet, t.useful = t.say(sayTakeYourTime), true, true
		return nil
	}
	if t.h.wait && t.d.Full != nil {
		t.useful = true
		return t.wait(ctx)
	}
	t.begin()
	t.useful = t.useful || t.h.wishes() || t.h.changes() || t.h.yes || t.h.no || t.h.outdated || t.h.whenMine || t.h.greets || t.h.who || t.h.again || t.h.after || t.h.acts[language.Thank]
	switch {
	case t.done != "" && t.d.Task == "": // by an earlier attempt
		return nil
	case t.h.whenMine && !t.h.changes(), t.h.who && t.d.Task == "":
		return t.list(ctx)
	case t.d.Task == Book:
		return t.book(ctx)
	case t.d.Task == Move:
		return t.move(ctx)
	case t.d.Task == Cancel:
		return t.cancel(ctx)
	}
	return nil
}

// begin sets the task, if the messages begin one or turn to another.
func (t *turn) begin() {
	h, d := t.h, &t.d
	now := Task("")
	switch {
	case h.acts[language.Cancel]:
		now = Cancel
	case h.acts[language.Move]:
		now = Move
	case d.Done != nil && !d.Open() && (h.no || h.instead) && len(h.parts) > 0 && h.service == "" && !h.also && !h.again:
		now = Move // "could I come at 7 instead?"
	case h.acts[language.Book]:
		now = Book
	case d.Done != nil && (h.no || h.instead) && len(h.parts) > 0:
		now = Move
	case h.service != "", h.staff != "", h.again, (h.onlyTime || d.Hint != nil && len(h.parts) > 0) && !d.Open():
		now = Book
	}
	switch {
	case now == "" || now == d.Task:
	case !d.Open():
		t.start(now)
	case now == Cancel && d.Task == Book && !h.mine && (d.Pending != nil || len(h.parts) == 0):
		// the booking under way is given up, see book
	case now == Cancel:
		target := d.Target
		t.start(Cancel)
		t.d.Target = target
	case now == Move && d.Task == Book && !h.mine && (d.Pending != nil || d.Wish.Service != ""):
		// "move it to 4", of what is not booked yet
	case now == Move && d.Task != Cancel:
		t.start(Move)
	case now == Move && d.Task == Cancel: // "no, move it instead"
		target := d.Target
		t.start(Move)
		t.d.Target = target
	case now == Book && h.acts[language.Book] && d.Asked == AskedCancel && !h.yes:
		t.start(Book)
	}
}

// start begins a task, with nothing known of it but what was done last. A hold
// of the task before is kept for the moment: the next one takes its place.
func (t *turn) start(task Task) {
	t.d = Draft{Task: task, Hold: t.d.Hold, Done: t.d.Done, Hint: t.d.Hint}
}
