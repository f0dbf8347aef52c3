package dialoguetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/agent/dialogue"
	"frontdesk/ingest"
)

// Paper is a desk that keeps its book in memory, by the rules of package
// booking. It is for one customer and not safe for concurrent use.
type Paper struct {
	Calendar   booking.Calendar // of the business; Service and Performers are filled in for each question
	Catalogued dialogue.Catalogue
	Waits      []booking.Wait // the waitlist
	services   []booking.Service
	staff      []booking.Staff
	booked     []booking.Appointment
	others     []booking.Slot
	holds      map[ingest.HoldID]booking.Hold
	next       int
}

const (
	me   ingest.ContactID      = "con_me"
	here ingest.ConversationID = "cnv_here"
)

// NewPaper returns a desk of b with nothing booked.
func NewPaper(b Business) *Paper {
	zone, err := time.LoadLocation(b.Zone)
	if err != nil {
		panic(err)
	}
	hours, err := booking.ParseWeek(b.Hours)
	if err != nil {
		panic(err)
	}
	d := &Paper{Calendar: booking.Calendar{Zone: zone, Hours: hours, Closed: b.Closed}, holds: map[ingest.HoldID]booking.Hold{}}
	for i, s := range b.Services {
		s.ID = ingest.ServiceID(fmt.Sprint("svc_", i+1))
		d.services = append(d.services, s)
		d.Catalogued.Services = append(d.Catalogued.Services, dialogue.Service{ID: s.ID, Name: s.Name, Price: s.Price})
	}
	for i, p := range b.Staff {
		p.ID = ingest.StaffID(fmt.Sprint("stf_", i+1))
		d.staff = append(d.staff, p)
		d.Catalogued.Staff = append(d.Catalogued.Staff, dialogue.Person{ID: p.ID, Name: p.Name})
	}
	d.Catalogued = d.Catalogued.Indexed()
	return d
}

// calendar returns what slots of a service depend on, as if except and moving
// were free.
func (d *Paper) calendar(id ingest.ServiceID, who ingest.StaffID, hold ingest.HoldID, moving ingest.AppointmentID) (booking.Calendar, error) {
	c := d.Calendar
	i := slices.IndexFunc(d.services, func(s booking.Service) bool { return s.ID == id })
	if i < 0 {
		return c, booking.ErrNotFound
	}
	c.Service = d.services[i]
	for _, p := range d.staff {
		performs := len(p.Specialties) == 0 || slices.Contains(p.Specialties, c.Service.Name)
		if performs && (who == "" || who == p.ID) {
			c.Performers = append(c.Performers, booking.Performer{ID: p.ID, Hours: p.Hours, Off: p.Off, Busy: d.busy(p.ID, hold, moving)})
		}
	}
	if len(d.staff) == 0 {
		c.Performers = []booking.Performer{{Busy: d.busy("", hold, moving)}}
	}
	return c, nil
}

func (d *Paper) busy(who ingest.StaffID, hold ingest.HoldID, moving ingest.AppointmentID) (out []booking.Interval) {
	add := func(s booking.Slot) {
		if s.Staff == who {
			out = append(out, booking.Interval{From: s.Start, Until: s.End})
		}
	}
	for _, a := range d.booked {
		if a.Status == booking.Scheduled && a.ID != moving {
			add(a.Slot)
		}
	}
	for _, s := range d.others {
		add(s)
	}
	for _, h := range d.holds {
		if h.ID != hold && h.ExpiresAt.After(d.Calendar.Now) {
			add(h.Slot)
		}
	}
	return out
}

// Slots returns free slots.
func (d *Paper) Slots(_ context.Context, q booking.SlotQuery) ([]booking.Slot, error) {
	c, err := d.calendar(q.Service, q.Staff, q.ExceptHold, q.Except)
	if err != nil {
		return nil, err
	}
	return booking.Compute(c, q.From, q.To, q.Limit), nil
}

// Nearest returns the free slots nearest to a time.
func (d *Paper) Nearest(ctx context.Context, q booking.SlotQuery, around time.Time, n int) ([]booking.Slot, error) {
	q.From, q.To = around.AddDate(0, 0, -14), around.AddDate(0, 0, 30)
	list, err := d.Slots(ctx, q)
	list = slices.CompactFunc(list, func(a, b booking.Slot) bool { return a.Start.Equal(b.Start) })
	slices.SortStableFunc(list, func(a, b booking.Slot) int {
		return int(a.Start.Sub(around).Abs()/time.Second) - int(b.Start.Sub(around).Abs()/time.Second)
	})
	list = list[:min(n, len(list))]
	slices.SortFunc(list, func(a, b booking.Slot) int { return a.Start.Compare(b.Start) })
	return list, err
}

// place returns the slot of p, or a refusal with what is nearest.
func (d *Paper) place(p dialogue.Pick, hold ingest.HoldID, moving ingest.AppointmentID) (booking.Slot, error) {
	c, err := d.calendar(p.Service, p.Staff, hold, moving)
	if err != nil {
		return booking.Slot{}, err
	}
	start, around := p.Start, p.Start
	err = nil
	if p.Local != "" {
		start, around, err = d.local(p.Local)
	}
	var found []booking.Slot
	if err == nil {
		found, err = booking.Judge(c, start)
	}
	if err != nil {
		near, _ := d.Nearest(context.Background(), booking.SlotQuery{Service: p.Service, Staff: p.Staff, Except: moving}, around, 3)
		if errors.Is(err, booking.ErrTwoTimes) {
			near, _ = d.Slots(context.Background(), booking.SlotQuery{Service: p.Service, Staff: p.Staff, From: around, To: around.Add(90 * time.Minute)})
		}
		return booking.Slot{}, &booking.Refusal{Err: err, Nearest: near}
	}
	return found[0], nil
}

func (d *Paper) local(text string) (start, around time.Time, err error) {
	wall, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		return d.Calendar.Now, d.Calendar.Now, booking.ErrNoSuchTime
	}
	around = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, d.Calendar.Zone)
	switch found := booking.Instants(d.Calendar.Zone, wall.Year(), wall.Month(), wall.Day(), time.Duration(wall.Hour())*time.Hour+time.Duration(wall.Minute())*time.Minute); len(found) {
	case 0:
		return around, around, booking.ErrNoSuchTime
	case 1:
		return found[0], found[0], nil
	default:
		return found[0], found[0], booking.ErrTwoTimes
	}
}

// Hold keeps a slot.
func (d *Paper) Hold(_ context.Context, r dialogue.HoldRequest) (booking.Hold, error) {
	s, err := d.place(r.Pick, r.Replace, "")
	if err != nil {
		return booking.Hold{}, err
	}
	delete(d.holds, r.Replace)
	d.next++
	h := booking.Hold{ID: ingest.HoldID(fmt.Sprint("hld_", d.next)), Slot: s, Contact: me, ExpiresAt: d.Calendar.Now.Add(15 * time.Minute)}
	d.holds[h.ID] = h
	return h, nil
}

// Release gives a hold back.
func (d *Paper) Release(_ context.Context, id ingest.HoldID) error {
	delete(d.holds, id)
	return nil
}

// Holds returns how many slots are held.
func (d *Paper) Holds() int { return len(d.holds) }

// settle returns the slot to be booked, by its hold if there is one.
func (d *Paper) settle(p dialogue.Pick, hold ingest.HoldID, moving ingest.AppointmentID) (booking.Slot, error) {
	if hold == "" {
		return d.place(p, "", moving)
	}
	h, ok := d.holds[hold]
	if !ok || !h.ExpiresAt.After(d.Calendar.Now) {
		return booking.Slot{}, booking.ErrHoldExpired
	}
	delete(d.holds, hold)
	return h.Slot, nil
}

// Book makes an appointment.
func (d *Paper) Book(_ context.Context, p dialogue.Pick, hold ingest.HoldID) (booking.Appointment, error) {
	s, err := d.settle(p, hold, "")
	if err != nil {
		return booking.Appointment{}, err
	}
	d.next++
	a := booking.Appointment{ID: ingest.AppointmentID(fmt.Sprint("apt_", d.next)), Slot: s, Contact: me, Conversation: here, Status: booking.Scheduled}
	d.booked = append(d.booked, a)
	return a, nil
}

func (d *Paper) find(id ingest.AppointmentID) (*booking.Appointment, error) {
	i := slices.IndexFunc(d.booked, func(a booking.Appointment) bool { return a.ID == id })
	switch {
	case i < 0:
		return nil, booking.ErrNotFound
	case d.booked[i].Status != booking.Scheduled:
		return nil, booking.ErrFinal
	}
	return &d.booked[i], nil
}

// Move moves an appointment.
func (d *Paper) Move(_ context.Context, id ingest.AppointmentID, p dialogue.Pick, hold ingest.HoldID) (booking.Appointment, error) {
	a, err := d.find(id)
	if err != nil {
		return booking.Appointment{}, err
	}
	s, err := d.settle(p, hold, id)
	if err != nil {
		return booking.Appointment{}, err
	}
	a.Slot = s
	return *a, nil
}

// Cancel cancels an appointment.
func (d *Paper) Cancel(_ context.Context, id ingest.AppointmentID) (booking.Appointment, error) {
	a, err := d.find(id)
	if err != nil {
		return booking.Appointment{}, err
	}
	a.Status = booking.Cancelled
	return *a, nil
}

// Appointments returns what is to come.
func (d *Paper) Appointments(context.Context) ([]booking.Appointment, error) {
	var out []booking.Appointment
	for _, a := range d.booked {
		if a.Status == booking.Scheduled && a.Slot.End.After(d.Calendar.Now) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b booking.Appointment) int { return a.Slot.Start.Compare(b.Slot.Start) })
	return out, nil
}

// Put books row for the customer, or for somebody else. It fails where that
// cannot be had.
func (d *Paper) Put(b Business, row Row, own bool) error {
	p := dialogue.Pick{Start: b.In(row.Start)}
	for i, s := range b.Services {
		if s.Name == row.Service {
			p.Service = d.services[i].ID
		}
	}
	for i, s := range b.Staff {
		if s.Name == row.Staff {
			p.Staff = d.staff[i].ID
		}
	}
	if own {
		_, err := d.Book(context.Background(), p, "")
		return err
	}
	s, err := d.place(p, "", "")
	d.others = append(d.others, s)
	return err
}

// All returns all rows of the customer's, by start.
func (d *Paper) All() []Row {
	list := slices.Clone(d.booked)
	slices.SortFunc(list, func(a, b booking.Appointment) int { return a.Slot.Start.Compare(b.Slot.Start) })
	var out []Row
	for _, a := range list {
		out = append(out, RowOf(a, d.Calendar.Zone, d.services, d.staff))
	}
	return out
}

// RowOf returns a as the scripts write it.
func RowOf(a booking.Appointment, zone *time.Location, services []booking.Service, staff []booking.Staff) Row {
	r := Row{Status: string(a.Status)}
	for _, s := range services {
		if s.ID == a.Slot.Service {
			r.Service = s.Name
		}
	}
	for _, p := range staff {
		if p.ID == a.Slot.Staff {
			r.Staff = p.Name
		}
	}
	start := a.Slot.Start.In(zone)
	r.Start = start.Format("2006-01-02T15:04")
	if found := booking.Instants(zone, start.Year(), start.Month(), start.Day(), time.Duration(start.Hour())*time.Hour+time.Duration(start.Minute())*time.Minute); len(found) == 2 && start.Equal(found[1]) {
		r.Start += "+1"
	}
	return r
}

// Appointment returns an appointment.
func (d *Paper) Appointment(_ context.Context, id ingest.AppointmentID) (booking.Appointment, error) {
	i := slices.IndexFunc(d.booked, func(a booking.Appointment) bool { return a.ID == id })
	if i < 0 {
		return booking.Appointment{}, booking.ErrNotFound
	}
	return d.booked[i], nil
}

// Confirm notes that the customer will come.
func (d *Paper) Confirm(_ context.Context, id ingest.AppointmentID) (booking.Appointment, error) {
	a, err := d.find(id)
	if err != nil {
		return booking.Appointment{}, err
	}
	a.ConfirmedAt = d.Calendar.Now
	return *a, nil
}

// Wait puts the customer on the waitlist.
func (d *Paper) Wait(_ context.Context, w booking.Wait) error {
	d.next++
	w.ID, w.Status = fmt.Sprint(ingest.PrefixWait, d.next), booking.Waiting
	d.Waits = append(d.Waits, w)
	return nil
}

// Waited returns a wish.
func (d *Paper) Waited(_ context.Context, id string) (booking.Wait, error) {
	i := slices.IndexFunc(d.Waits, func(w booking.Wait) bool { return w.ID == id })
	if i < 0 {
		return booking.Wait{}, booking.ErrNotFound
	}
	return d.Waits[i], nil
}

// Settle ends an offer.
func (d *Paper) Settle(ctx context.Context, of booking.Wait, taken bool) error {
	w, err := d.Waited(ctx, of.ID)
	if err != nil || !taken && w.Offers != of.Offers {
		return err
	}
	if w.Status = booking.Waiting; taken {
		w.Status = booking.Taken
	}
	d.Waits[slices.IndexFunc(d.Waits, func(o booking.Wait) bool { return o.ID == of.ID })] = w
	delete(d.holds, w.Offer.Hold)
	return nil
}
