package api

import (
	"context"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/busy"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// maxCalendarBytes bounds a request that bears a calendar.
const maxCalendarBytes = 4 << 20

type feedResponse struct {
	URL string `json:"url" doc:"For a calendar program to subscribe to. Whoever has it sees the appointments; it is told this once." example:"https://desk.example.com/calendar/6V1Bc0Yk….ics"`
}

type busyRequest struct {
	ID       string `json:"-" path:"id" maxLength:"64"`
	Calendar string `json:"calendar" required:"true" doc:"The text of an ICS file." example:"BEGIN:VCALENDAR…"`
}

type busyResponse struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

func toBusy(list []booking.Busy, err error) ([]busyResponse, error) {
	out := []busyResponse{}
	for _, b := range list {
		out = append(out, busyResponse{b.Start.UTC(), b.End.UTC()})
	}
	return out, err
}

type busySourceRequest struct {
	ID  string `json:"-" path:"id" maxLength:"64"`
	URL string `json:"url" required:"true" maxLength:"2000" doc:"Of an ICS file, as calendar programs give it for others to subscribe to." example:"https://calendar.example.com/ana/private-7f3a/basic.ics"`
}

type busySourceResponse struct {
	Host      string     `json:"host" doc:"Of the address; the rest of it is a secret and not told again." example:"https://calendar.example.com"`
	Times     int        `json:"times" doc:"Busy times that the last fetch found."`
	CheckedAt *time.Time `json:"checked_at,omitempty" doc:"The last attempt."`
	FetchedAt *time.Time `json:"fetched_at,omitempty" doc:"The last attempt that went well."`
	NextAt    time.Time  `json:"next_at" doc:"The next attempt."`
	Failures  int        `json:"failures" doc:"Attempts in a row that failed."`
	Error     string     `json:"error,omitempty" doc:"Why the last attempt failed. What was found before holds until one goes well." example:"the address answered 404 Not Found"`
	CreatedAt time.Time  `json:"created_at"`
}

func toBusySource(s busy.Source, err error) (busySourceResponse, error) {
	return busySourceResponse{s.Host, s.Spans, orNil(s.CheckedAt), orNil(s.FetchedAt), s.NextAt, s.Failures, s.Error, s.CreatedAt}, err
}

// busySourceRoutes is the calendars of staff that are fetched.
func busySourceRoutes(ops *operation.Operations) []Route {
	const read, write, tag, path = "staff:read", "staff:write", "Calendars", "/v1/staff/{id}/busy-source"
	return []Route{
		Bind(Route{Method: "GET", Path: path, ID: "getBusySource", Tag: tag, Scope: read, Summary: "Where somebody's own calendar is fetched from"},
			func(ctx context.Context, c tenant.Caller, in byID) (busySourceResponse, error) {
				return toBusySource(ops.BusySource(ctx, c, ingest.StaffID(in.ID)))
			}),
		Bind(Route{Method: "PUT", Path: path, ID: "setBusySource", Tag: tag, Scope: write, Summary: "Fetch somebody's own calendar",
			Doc: "Now and every quarter of an hour; nothing is booked in the times that it shows as busy, for the next 400 days. The same address again is fetched at once."},
			func(ctx context.Context, c tenant.Caller, in busySourceRequest) (busySourceResponse, error) {
				return toBusySource(ops.SetBusySource(ctx, c, ingest.StaffID(in.ID), in.URL))
			}),
		Bind(Route{Method: "DELETE", Path: path, ID: "endBusySource", Tag: tag, Scope: write, Status: 204, Summary: "Fetch somebody's calendar no longer", Doc: "What was fetched is dropped."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.EndBusySource(ctx, c, ingest.StaffID(in.ID))
			}),
	}
}

// calendarRoutes is the calendars of others: those that show what is booked
// here, and those that say who is busy elsewhere.
func calendarRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "staff:read", "staff:write", "Calendars"
	const once = "The address before, if there was one, leads nowhere from then on."
	return append(busySourceRoutes(ops),
		Bind(Route{Method: "POST", Path: "/v1/calendar", ID: "rotateCalendar", Tag: tag, Scope: write, Status: 201, Summary: "Make a new address of the business's calendar", Doc: once},
			func(ctx context.Context, c tenant.Caller, _ struct{}) (feedResponse, error) {
				url, err := ops.RotateFeed(ctx, c, "")
				return feedResponse{url}, err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/calendar", ID: "endCalendar", Tag: tag, Scope: write, Status: 204, Summary: "End the address of the business's calendar"},
			func(ctx context.Context, c tenant.Caller, _ struct{}) (none, error) {
				return none{}, ops.EndFeed(ctx, c, "")
			}),
		Bind(Route{Method: "POST", Path: "/v1/staff/{id}/calendar", ID: "rotateStaffCalendar", Tag: tag, Scope: write, Status: 201, Summary: "Make a new address of somebody's calendar", Doc: once},
			func(ctx context.Context, c tenant.Caller, in byID) (feedResponse, error) {
				url, err := ops.RotateFeed(ctx, c, ingest.StaffID(in.ID))
				return feedResponse{url}, err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/staff/{id}/calendar", ID: "endStaffCalendar", Tag: tag, Scope: write, Status: 204, Summary: "End the address of somebody's calendar"},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.EndFeed(ctx, c, ingest.StaffID(in.ID))
			}),
		BindAll(Route{Method: "GET", Path: "/v1/staff/{id}/busy", ID: "listBusy", Tag: tag, Scope: read, Summary: "List when somebody is busy elsewhere", Doc: "From now on, by start."},
			func(ctx context.Context, c tenant.Caller, in byID) ([]busyResponse, error) {
				return toBusy(ops.Busy(ctx, c, ingest.StaffID(in.ID)))
			}),
		BindAll(Route{Method: "POST", Path: "/v1/staff/{id}/busy", ID: "importBusy", Tag: tag, Scope: write, Class: tenant.Bulk, MaxBodyBytes: maxCalendarBytes, Timeout: 30 * time.Second,
			Faults: []string{"unreadable_calendar"}, Summary: "Import when somebody is busy elsewhere",
			Doc: "From an ICS file, for the next 400 days, in place of what was imported before. Nothing is booked in these times; what is booked already stays."},
			func(ctx context.Context, c tenant.Caller, in busyRequest) ([]busyResponse, error) {
				return toBusy(ops.ImportBusy(ctx, c, ingest.StaffID(in.ID), []byte(in.Calendar)))
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/staff/{id}/busy", ID: "forgetBusy", Tag: tag, Scope: write, Status: 204, Summary: "Drop what was imported"},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.ForgetBusy(ctx, c, ingest.StaffID(in.ID))
			}),
	)
}
