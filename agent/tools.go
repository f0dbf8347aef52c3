package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// slots is what turns need of *booking.Store to find and keep a time.
type slots interface {
	Slots(ctx context.Context, tenant ingest.TenantID, q booking.SlotQuery) ([]booking.Slot, error)
	Nearest(ctx context.Context, tenant ingest.TenantID, q booking.SlotQuery, around time.Time, n int) ([]booking.Slot, error)
	Hold(ctx context.Context, tenant ingest.TenantID, d booking.HoldDraft) (booking.Hold, error)
	Release(ctx context.Context, tenant ingest.TenantID, id ingest.HoldID) error
}

// appointments is what turns need of it to book.
type appointments interface {
	Book(ctx context.Context, tenant ingest.TenantID, d booking.Draft) (booking.Appointment, error)
	Move(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, c booking.Change) (booking.Appointment, error)
	Cancel(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID, reason, key, by string) (booking.Appointment, error)
	Appointment(ctx context.Context, tenant ingest.TenantID, id ingest.AppointmentID) (booking.Appointment, error)
	Appointments(ctx context.Context, tenant ingest.TenantID, f booking.Filter) ([]booking.Appointment, string, error)
}

// Bookings is what turns need of *booking.Store.
type Bookings interface {
	slots
	appointments
	offers
	answered
	waitlist
}

// tools are the tools of one turn. They note what they did.
type tools struct {
	knowledge knowledge
	bookings  Bookings // nil: nothing can be booked
	job       *job
	now       time.Time
	calls     []Call
}

// Call is a tool that was used in a turn, with what it was given and gave.
type Call struct {
	Tool  string          `json:"tool"`
	Input json.RawMessage `json:"input,omitempty"`
	Found json.RawMessage `json:"found,omitempty"`
	Count int             `json:"count,omitempty"` // of what was found, where it is not kept whole
	Error string          `json:"error,omitempty"`
}

// mostFound is how much of what was found a Call keeps.
const mostFound = 12

// holdFor is how long a slot is kept while the contact is asked.
const holdFor = 15 * time.Minute

// Answer looks a question up as the turn's tenant and agent, in the knowledge
// as it was when the turn was loaded: what was retracted before is not quoted.
func (t *tools) Answer(ctx context.Context, text, lang string) (kb.Answer, error) {
	return t.knowledge.AnswerAt(ctx, t.job.tenant, t.job.generation, kb.Query{Text: text, Language: lang, Agent: t.job.state.Agent, Limit: 5})
}

// Slots returns free slots.
func (t *tools) Slots(ctx context.Context, q booking.SlotQuery) ([]booking.Slot, error) {
	list, err := t.bookings.Slots(ctx, t.job.tenant, q)
	t.note("find_slots", q, list[:min(len(list), mostFound)], len(list), err)
	return list, err
}

// Nearest returns the free slots nearest to a time.
func (t *tools) Nearest(ctx context.Context, q booking.SlotQuery, around time.Time, n int) ([]booking.Slot, error) {
	list, err := t.bookings.Nearest(ctx, t.job.tenant, q, around, n)
	t.note("nearest_slots", struct {
		booking.SlotQuery
		Around time.Time
	}{q, around}, list, len(list), err)
	return list, err
}

// Hold keeps a slot for the turn's contact. The key names the conversation's
// version too: a hold of an attempt that was dropped has been given back.
func (t *tools) Hold(ctx context.Context, r dialogue.HoldRequest) (booking.Hold, error) {
	key := t.key("hold", strconv.FormatInt(t.job.state.Version, 10), string(r.Service), string(r.Staff), r.Local, strconv.FormatInt(r.Start.Unix(), 10))
	h, err := t.bookings.Hold(ctx, t.job.tenant, booking.HoldDraft{
		Service: r.Service, Staff: r.Staff, Start: r.Start, Local: r.Local, Contact: t.job.Contact, Conversation: t.job.ID,
		For: holdFor, Key: key, Replace: r.Replace,
	})
	t.note("hold", r, h, 0, err)
	return h, err
}

// Release gives a hold back.
func (t *tools) Release(ctx context.Context, id ingest.HoldID) error {
	err := release(ctx, t.bookings, t.job.tenant, id)
	t.note("release", id, nil, 0, err)
	return err
}

// Book books for the turn's contact.
func (t *tools) Book(ctx context.Context, p dialogue.Pick, hold ingest.HoldID) (booking.Appointment, error) {
	a, err := t.bookings.Book(ctx, t.job.tenant, booking.Draft{
		Service: p.Service, Staff: p.Staff, Start: p.Start, Local: p.Local, Contact: t.job.Contact, Conversation: t.job.ID,
		Hold: hold, Source: "chat", Key: t.key("book", held(hold)), By: "contact", Test: t.job.Test,
	})
	t.note("book", p, a, 0, err)
	return a, err
}

// held tells a request with a hold from the one that is made where the hold is
// over: they are two requests, of which the first was refused.
func held(hold ingest.HoldID) string {
	if hold == "" {
		return "free"
	}
	return "held"
}

// Move moves an appointment of the turn's contact.
func (t *tools) Move(ctx context.Context, id ingest.AppointmentID, p dialogue.Pick, hold ingest.HoldID) (booking.Appointment, error) {
	a, err := t.mine(ctx, id)
	if err == nil {
		a, err = t.bookings.Move(ctx, t.job.tenant, id, booking.Change{
			Start: p.Start, Local: p.Local, Staff: p.Staff, Service: p.Service, Hold: hold, Key: t.key("move", held(hold)), By: "contact",
		})
	}
	t.note("move", p, a, 0, err)
	return a, err
}

// Cancel cancels an appointment of the turn's contact.
func (t *tools) Cancel(ctx context.Context, id ingest.AppointmentID) (booking.Appointment, error) {
	a, err := t.mine(ctx, id)
	if err == nil {
		a, err = t.bookings.Cancel(ctx, t.job.tenant, id, "", t.key("cancel"), "contact")
	}
	t.note("cancel", id, a, 0, err)
	return a, err
}

// mine returns an appointment of the turn's contact; of another's it says
// booking.ErrNotFound. Those made under an identity that was merged into the
// contact are the contact's too.
func (t *tools) mine(ctx context.Context, id ingest.AppointmentID) (booking.Appointment, error) {
	a, err := t.bookings.Appointment(ctx, t.job.tenant, id)
	if err != nil || a.Contact == t.job.Contact {
		return a, err
	}
	list, _, err := t.bookings.Appointments(ctx, t.job.tenant, booking.Filter{Contact: t.job.Contact, From: a.Slot.Start, To: a.Slot.End, Limit: 100})
	if err != nil {
		return booking.Appointment{}, err
	}
	for _, own := range list {
		if own.ID == id {
			return own, nil
		}
	}
	return booking.Appointment{}, booking.ErrNotFound
}

// Appointments returns what the turn's contact has to come.
func (t *tools) Appointments(ctx context.Context) ([]booking.Appointment, error) {
	list, _, err := t.bookings.Appointments(ctx, t.job.tenant, booking.Filter{Contact: t.job.Contact, Status: booking.Scheduled, From: t.now, Limit: 20})
	t.note("appointments", nil, list, len(list), err)
	return list, err
}

// release gives a hold back; one that is over is none to complain of.
func release(ctx context.Context, bookings Bookings, tenant ingest.TenantID, id ingest.HoldID) error {
	err := bookings.Release(ctx, tenant, id)
	if errors.Is(err, booking.ErrNotFound) || errors.Is(err, booking.ErrHoldExpired) {
		return nil
	}
	return err
}

// key names a request of this turn: the same in each attempt at it.
func (t *tools) key(action string, parts ...string) string {
	key := fmt.Sprintf("%s/%d/%s", t.job.ID, t.job.state.Turn, action)
	for _, p := range parts {
		key += "/" + p
	}
	return key
}

func (t *tools) note(tool string, input, found any, count int, err error) {
	c := Call{Tool: tool, Count: count}
	if err != nil {
		c.Error = err.Error()
	} else if found != nil {
		c.Found, _ = json.Marshal(found) // of types that always marshal
	}
	if input != nil {
		c.Input, _ = json.Marshal(input)
	}
	t.calls = append(t.calls, c)
}
