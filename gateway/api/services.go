package api

import (
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/operation"
	"frontdesk/ingest"
)

type serviceResponse struct {
	ID                  string             `json:"id" example:"svc_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number              int64              `json:"number" doc:"Counts up within the business."`
	Name                string             `json:"name" example:"Cleaning"`
	Description         string             `json:"description,omitempty"`
	DurationMinutes     int                `json:"duration_minutes" example:"45"`
	BufferBeforeMinutes int                `json:"buffer_before_minutes"`
	BufferAfterMinutes  int                `json:"buffer_after_minutes"`
	NoticeMinutes       int                `json:"notice_minutes"`
	HorizonDays         int                `json:"horizon_days"`
	StepMinutes         int                `json:"step_minutes"`
	Price               string             `json:"price,omitempty" example:"120.00 BZD"`
	PerDay              int                `json:"per_day"`
	Unstaffed           bool               `json:"unstaffed"`
	StaffIDs            []string           `json:"staff_ids"`
	ResourceIDs         []string           `json:"resource_ids"`
	Needs               []string           `json:"needs"`
	Reminders           []reminderResponse `json:"reminders"`
	Active              bool               `json:"active"`
	CreatedAt           time.Time          `json:"created_at"`
	UpdatedAt           time.Time          `json:"updated_at"`
}

type reminderResponse struct {
	MinutesBefore int    `json:"minutes_before"`
	Template      string `json:"template,omitempty"`
	Text          string `json:"text,omitempty"`
}

func toService(s booking.Service) serviceResponse {
	out := serviceResponse{
		ID: string(s.ID), Number: s.Number, Name: s.Name, Description: s.Description, DurationMinutes: inMinutes(s.Duration),
		BufferBeforeMinutes: inMinutes(s.BufferBefore), BufferAfterMinutes: inMinutes(s.BufferAfter), NoticeMinutes: inMinutes(s.Notice),
		HorizonDays: s.Horizon, StepMinutes: inMinutes(s.Step), Price: s.Price, PerDay: s.PerDay, Unstaffed: s.Unstaffed,
		StaffIDs: ids[string](s.Staff), ResourceIDs: ids[string](s.Resources), Needs: append([]string{}, s.Needs...),
		Reminders: []reminderResponse{}, Active: !s.Paused, CreatedAt: s.CreatedAt.UTC(), UpdatedAt: s.UpdatedAt.UTC(),
	}
	for _, r := range s.Reminders {
		out.Reminders = append(out.Reminders, reminderResponse{inMinutes(r.Before), r.Template, r.Text})
	}
	return out
}

// serviceFields is what can be set of a service; what is left out stays.
type serviceFields struct {
	Description         *string          `json:"description" maxLength:"4000"`
	BufferBeforeMinutes *int             `json:"buffer_before_minutes" min:"0" max:"480" doc:"Kept free before each appointment."`
	BufferAfterMinutes  *int             `json:"buffer_after_minutes" min:"0" max:"480" doc:"Kept free after each appointment." example:"10"`
	NoticeMinutes       *int             `json:"notice_minutes" min:"0" max:"525600" doc:"Least time from booking to beginning." example:"120"`
	HorizonDays         *int             `json:"horizon_days" min:"0" max:"730" doc:"Days ahead that can be booked; 0 is 90."`
	StepMinutes         *int             `json:"step_minutes" min:"0" max:"1440" doc:"From one offered beginning to the next; 0 is the duration, at most 30."`
	Price               *string          `json:"price" maxLength:"20" doc:"With its currency." example:"120.00 BZD"`
	PerDay              *int             `json:"per_day" min:"0" max:"1000" doc:"Appointments a day; 0 is no limit."`
	Unstaffed           *bool            `json:"unstaffed" doc:"It needs nobody."`
	StaffIDs            *[]string        `json:"staff_ids" max:"200" maxLength:"64" doc:"Who performs it; empty: all whose specialties name it or who list none."`
	ResourceIDs         *[]string        `json:"resource_ids" max:"200" maxLength:"64" doc:"All of them are needed."`
	Needs               *[]string        `json:"needs" max:"200" maxLength:"200" doc:"Kinds of resource, one of each of which is needed." example:"room"`
	Reminders           *[]reminderInput `json:"reminders" max:"5"`
	Active              *bool            `json:"active" doc:"False: not offered for now."`
}

type reminderInput struct {
	MinutesBefore int    `json:"minutes_before" required:"true" min:"1" max:"525600" doc:"How long before the beginning." example:"1440"`
	Template      string `json:"template" maxLength:"512" doc:"Name of an approved one, for WhatsApp outside of its 24 hours."`
	Text          string `json:"text" maxLength:"4000" doc:"Left out with template: a text of our own."`
}

func (f serviceFields) apply(s *booking.Service) {
	set(&s.Description, f.Description)
	set(&s.Price, f.Price)
	set(&s.PerDay, f.PerDay)
	set(&s.Horizon, f.HorizonDays)
	set(&s.Unstaffed, f.Unstaffed)
	set(&s.Needs, f.Needs)
	for to, from := range map[*time.Duration]*int{
		&s.BufferBefore: f.BufferBeforeMinutes, &s.BufferAfter: f.BufferAfterMinutes, &s.Notice: f.NoticeMinutes, &s.Step: f.StepMinutes,
	} {
		if from != nil {
			*to = minutes(*from)
		}
	}
	if f.StaffIDs != nil {
		s.Staff = ids[ingest.StaffID](*f.StaffIDs)
	}
	if f.ResourceIDs != nil {
		s.Resources = ids[ingest.ResourceID](*f.ResourceIDs)
	}
	if f.Active != nil {
		s.Paused = !*f.Active
	}
	if f.Reminders != nil {
		s.Reminders = nil
		for _, r := range *f.Reminders {
			s.Reminders = append(s.Reminders, booking.Reminder{Before: minutes(r.MinutesBefore), Template: r.Template, Text: r.Text})
		}
	}
}

type createServiceRequest struct {
	Name            string `json:"name" required:"true" maxLength:"200" example:"Cleaning"`
	DurationMinutes int    `json:"duration_minutes" required:"true" min:"1" max:"1440" example:"45"`
	serviceFields
}

func (in createServiceRequest) build() (booking.Service, error) {
	v := booking.Service{Name: in.Name, Duration: minutes(in.DurationMinutes)}
	in.apply(&v)
	return v, nil
}

type updateServiceRequest struct {
	byID
	Name            *string `json:"name" maxLength:"200"`
	DurationMinutes *int    `json:"duration_minutes" min:"1" max:"1440"`
	serviceFields
}

func (in updateServiceRequest) change(s *booking.Service) error {
	set(&s.Name, in.Name)
	if in.DurationMinutes != nil {
		s.Duration = minutes(*in.DurationMinutes)
	}
	in.apply(s)
	return nil
}

// serviceRoutes is what can be booked.
func serviceRoutes(ops *operation.Operations) []Route {
	const read, write, tag, path = "services:read", "services:write", "Services", "/v1/services"
	return append([]Route{
		bindActive(Route{Method: "GET", Path: path, ID: "listServices", Tag: tag, Scope: read, Summary: "List services, by number"},
			ops.Services, func(s booking.Service) bool { return s.Paused }, toService),
	}, bindKept[booking.Service, ingest.ServiceID, createServiceRequest, updateServiceRequest](
		kept[booking.Service, ingest.ServiceID]{ops.CreateService, ops.Service, ops.UpdateService, ops.RemoveService}, toService, keptRows{
			create: Route{Method: "POST", Path: path, ID: "createService", Faults: []string{"service_exists", "name_taken"}, Tag: tag, Scope: write, Status: 201, Summary: "Add a service"},
			get:    Route{Method: "GET", Path: path + "/{id}", ID: "getService", Tag: tag, Scope: read, Summary: "Get a service"},
			update: Route{Method: "PATCH", Path: path + "/{id}", ID: "updateService", Faults: []string{"name_taken"}, Tag: tag, Scope: write, Summary: "Change a service", Doc: "What is left out stays as it is. Appointments that are made keep their time."},
			remove: Route{Method: "DELETE", Path: path + "/{id}", ID: "removeService", Tag: tag, Scope: write, Status: 204, Summary: "Remove a service", Doc: "Its appointments stay."},
		})...)
}
