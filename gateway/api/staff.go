package api

import (
	"context"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type staffResponse struct {
	ID          string               `json:"id" example:"stf_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number      int64                `json:"number" doc:"Counts up within the business."`
	Name        string               `json:"name" example:"Ana"`
	Specialties []string             `json:"specialties" doc:"Names of services; empty: all that name nobody."`
	Hours       map[string][]string  `json:"hours" doc:"By weekday; empty: those of the business."`
	Off         []offResponse        `json:"off"`
	PerDay      int                  `json:"per_day"`
	Active      bool                 `json:"active"`
	NextSlot    *alternativeResponse `json:"next_slot,omitempty" doc:"Where it was asked for and there is one within two weeks."`
	CreatedAt   time.Time            `json:"created_at"`
	UpdatedAt   time.Time            `json:"updated_at"`
}

type offResponse struct {
	From   string `json:"from" example:"2026-12-24"`
	Until  string `json:"until,omitempty"`
	Hours  string `json:"hours,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func toOff(list []booking.Off) []offResponse {
	out := []offResponse{}
	for _, o := range list {
		r := offResponse{From: o.From, Until: o.Until, Reason: o.Reason}
		if o.Span != nil {
			r.Hours = o.Span.String()
		}
		out = append(out, r)
	}
	return out
}

func toStaff(s booking.Staff) staffResponse {
	return staffResponse{
		ID: string(s.ID), Number: s.Number, Name: s.Name, Specialties: append([]string{}, s.Specialties...), Hours: s.Hours.Days(),
		Off: toOff(s.Off), PerDay: s.PerDay, Active: !s.Paused, CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC(),
	}
}

// times is when somebody or something is there.
type times struct {
	Hours *map[string][]string `json:"hours" doc:"Lower-case weekdays with spans by the business's clock, such as 08:00-12:00."`
	Off   *[]offInput          `json:"off" max:"500"`
}

type offInput struct {
	From   string `json:"from" required:"true" maxLength:"10" format:"date" doc:"A day." example:"2026-12-24"`
	Until  string `json:"until" maxLength:"10" format:"date" doc:"The last day; left out: the same."`
	Hours  string `json:"hours" maxLength:"11" doc:"A part of each of the days; left out: all of it." example:"13:00-17:00"`
	Reason string `json:"reason" maxLength:"200"`
}

func (t times) apply(hours *booking.Week, off *[]booking.Off) error {
	if t.Hours != nil {
		week, err := booking.ParseWeek(*t.Hours)
		if err != nil {
			return err
		}
		*hours = week
	}
	if t.Off == nil {
		return nil
	}
	*off = nil
	for _, in := range *t.Off {
		o := booking.Off{From: in.From, Until: in.Until, Reason: in.Reason}
		if in.Hours != "" {
			span, err := booking.ParseSpan(in.Hours)
			if err != nil {
				return edge.Invalid(edge.FieldError{Field: "off", Message: "hours such as 13:00-17:00 are expected"})
			}
			o.Span = &span
		}
		*off = append(*off, o)
	}
	return nil
}

type staffFields struct {
	Specialties *[]string `json:"specialties" max:"200" maxLength:"200" doc:"Names of services; empty: all that name nobody." example:"Cleaning"`
	PerDay      *int      `json:"per_day" min:"0" max:"1000" doc:"Appointments a day; 0 is no limit."`
	Active      *bool     `json:"active" doc:"False: cannot be booked for now."`
	times
}

func (f staffFields) apply(s *booking.Staff) error {
	set(&s.Specialties, f.Specialties)
	set(&s.PerDay, f.PerDay)
	if f.Active != nil {
		s.Paused = !*f.Active
	}
	return f.times.apply(&s.Hours, &s.Off)
}

type createStaffRequest struct {
	Name string `json:"name" required:"true" maxLength:"200" example:"Ana"`
	staffFields
}

func (in createStaffRequest) build() (booking.Staff, error) {
	v := booking.Staff{Name: in.Name}
	return v, in.apply(&v)
}

type updateStaffRequest struct {
	byID
	Name *string `json:"name" maxLength:"200"`
	staffFields
}

func (in updateStaffRequest) change(s *booking.Staff) error {
	set(&s.Name, in.Name)
	return in.apply(s)
}

type staffFilter struct {
	activeFilter
	NextSlot bool `json:"-" query:"next_slot" doc:"Tell each one's next free slot."`
}

// staffRoutes is who performs services.
func staffRoutes(ops *operation.Operations) []Route {
	const read, write, tag, path = "staff:read", "staff:write", "Staff", "/v1/staff"
	return append([]Route{
		BindAll(Route{Method: "GET", Path: path, ID: "listStaff", Tag: tag, Scope: read, Summary: "List the staff, by number"},
			func(ctx context.Context, c tenant.Caller, in staffFilter) ([]staffResponse, error) {
				return listStaff(ctx, ops, c, in)
			}),
	}, bindKept[booking.Staff, ingest.StaffID, createStaffRequest, updateStaffRequest](
		kept[booking.Staff, ingest.StaffID]{ops.CreateStaff, ops.StaffMember, ops.UpdateStaff, ops.RemoveStaff}, toStaff, keptRows{
			create: Route{Method: "POST", Path: path, ID: "createStaff", Faults: []string{"staff_exists", "name_taken"}, Tag: tag, Scope: write, Status: 201, Summary: "Add somebody to the staff"},
			get:    Route{Method: "GET", Path: path + "/{id}", ID: "getStaff", Tag: tag, Scope: read, Summary: "Get a member of the staff"},
			update: Route{Method: "PATCH", Path: path + "/{id}", ID: "updateStaff", Faults: []string{"name_taken"}, Tag: tag, Scope: write, Summary: "Change a member of the staff", Doc: "What is left out stays as it is. Appointments that are made keep their time."},
			remove: Route{Method: "DELETE", Path: path + "/{id}", ID: "removeStaff", Tag: tag, Scope: write, Status: 204, Summary: "Take somebody off the staff", Doc: "Their appointments stay."},
		})...)
}

func listStaff(ctx context.Context, ops *operation.Operations, c tenant.Caller, in staffFilter) ([]staffResponse, error) {
	all, err := ops.Staff(ctx, c)
	if err != nil {
		return nil, err
	}
	next := map[ingest.StaffID]booking.Slot{}
	if in.NextSlot {
		if next, err = ops.NextSlots(ctx, c); err != nil {
			return nil, err
		}
	}
	out := []staffResponse{}
	for _, s := range all {
		if !in.matches(s.Paused) {
			continue
		}
		r := toStaff(s)
		if slot, ok := next[s.ID]; ok {
			free := toAlternative(slot)
			r.NextSlot = &free
		}
		out = append(out, r)
	}
	return out, nil
}
