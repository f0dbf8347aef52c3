// Package bookpage is the page at which customers book a business:
// /book/{slug}. They choose a service, with whom, a day and a time, which is
// then held for them while they write name and phone number, and get an address
// of their own to see, move and cancel the appointment.
//
// The pages are made on the server and work without JavaScript; a small script
// loads months without a new page. They load nothing from elsewhere. With
// ?embed=1 other sites may frame them, and widget.js does so. There is no cookie
// and no session: what a step must know is in its address, signed.
//
// The calendar feeds of the business are served beside it, at /calendar/.
package bookpage

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/agent/booking"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// catalogue is what the pages need of *operation.Operations to show what can
// be booked.
type catalogue interface {
	Services(ctx context.Context, caller tenant.Caller) ([]booking.Service, error)
	Performers(ctx context.Context, caller tenant.Caller, id ingest.ServiceID) ([]booking.Staff, error)
	StaffMember(ctx context.Context, caller tenant.Caller, id ingest.StaffID) (booking.Staff, error)
	Slots(ctx context.Context, caller tenant.Caller, in operation.SlotsQuery) ([]operation.Slot, error)
}

// desk is what the pages need of *operation.Operations.
type desk interface {
	catalogue
	Hold(ctx context.Context, caller tenant.Caller, in operation.HoldSlot) (booking.Hold, error)
	Release(ctx context.Context, caller tenant.Caller, id ingest.HoldID) error
	Book(ctx context.Context, caller tenant.Caller, in operation.BookAppointment) (operation.Appointment, error)
	Move(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID, in operation.MoveAppointment) (operation.Appointment, error)
	Cancel(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID, reason, requestKey string) (operation.Appointment, error)
	Appointment(ctx context.Context, caller tenant.Caller, id ingest.AppointmentID) (operation.Appointment, error)
	FeedOf(ctx context.Context, secret string) (ingest.TenantID, ingest.StaffID, error)
	Feed(ctx context.Context, caller tenant.Caller, staff ingest.StaffID) ([]operation.Entry, error)
}

// directory is what the pages need of *tenant.Directory.
type directory interface {
	BySlug(ctx context.Context, slug string) (tenant.Tenant, error)
	Tenant(ctx context.Context, id ingest.TenantID) (tenant.Tenant, error)
}

// limiter allows or refuses; *edge.Limiter is one.
type limiter interface {
	Take(key string, rate edge.Rate) edge.Verdict
}

// Config is how the pages are served.
type Config struct {
	// TrustedProxies are the networks whose X-Forwarded-For is believed, as in
	// [edge.Config]: limits go by the visitor's address.
	TrustedProxies []netip.Prefix
	// Now is the time by which months and holds are shown; nil is time.Now.
	Now func() time.Time
}

// Pages serves the booking pages of all businesses. It is safe for concurrent
// use.
type Pages struct {
	cfg       Config
	directory directory
	desk      desk
	links     *Links
	limits    limiter
}

// New returns pages over desk. links signs what steps hand on.
func New(cfg Config, directory directory, desk desk, links *Links, limits limiter) *Pages {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Pages{cfg, directory, desk, links, limits}
}

// What one address may do: a page is a look, a hold keeps others away, a change
// writes a row.
var (
	looks   = edge.Rate{Count: 240, Per: time.Minute}
	holds   = edge.Rate{Count: 30, Per: 10 * time.Minute}
	changes = edge.Rate{Count: 30, Per: time.Hour}
)

// Routes returns the routes of the pages.
func (p *Pages) Routes() []edge.Route {
	const base, one = "/book/{slug}", "/book/{slug}/a/{token}"
	get := func(path string, fn step) edge.Route {
		return edge.Route{Method: http.MethodGet, Path: path, Handler: p.visited("look", looks, fn)}
	}
	post := func(path, class string, rate edge.Rate, fn step) edge.Route {
		return edge.Route{Method: http.MethodPost, Path: path, Handler: p.visited(class, rate, fn), MaxBodyBytes: maxForm}
	}
	return append([]edge.Route{
		get(base, p.choose),
		post(base+"/hold", "hold", holds, p.hold),
		get(base+"/hold/{token}", p.details),
		post(base+"/hold/{token}", "change", changes, p.book),
		post(base+"/hold/{token}/release", "hold", holds, p.release),
		get(one, p.show),
		get(one+"/calendar.ics", p.calendar),
		get(one+"/move", p.chooseNew),
		post(one+"/move", "change", changes, p.move),
		get(one+"/cancel", p.askCancel),
		post(one+"/cancel", "change", changes, p.cancel),
		get(base+"/widget.js", p.widget),
		{Method: http.MethodGet, Path: "/calendar/{secret}", Handler: p.feed},
	}, assetRoutes()...)
}

// maxForm bounds a form.
const maxForm = 16 << 10

// step answers one request of a visitor.
type step func(ctx context.Context, v *visit) error

// visit is one request of a visitor.
type visit struct {
	req      *fasthttp.RequestCtx
	business tenant.Tenant
	caller   tenant.Caller
	words    words
	zone     *time.Location
	form     *fasthttp.Args // of a POST
	lang     string         // as asked for; empty: by the browser
	embed    bool
	now      time.Time
}

// visited makes a handler of a step: limits, the business, language, the form.
func (p *Pages) visited(class string, rate edge.Rate, fn step) edge.Handler {
	return func(ctx context.Context, req *fasthttp.RequestCtx) error {
		v := &visit{
			req: req, lang: string(req.QueryArgs().Peek("lang")), embed: string(req.QueryArgs().Peek("embed")) == "1", zone: time.UTC, now: p.cfg.Now(),
		}
		v.speak()
		if verdict := p.limits.Take("book|"+class+"|"+edge.ClientNetwork(req, p.cfg.TrustedProxies), rate); !verdict.Allowed {
			return v.wait(verdict.RetryIn)
		}
		business, err := p.directory.BySlug(ctx, edge.Param(req, "slug"))
		if errors.Is(err, tenant.ErrNotFound) {
			return v.problem(http.StatusNotFound, v.words.NotFound, v.words.NotFoundHint)
		}
		if err != nil {
			return err
		}
		v.business, v.zone, v.caller = business, business.Location(), tenant.Caller{Tenant: business.ID, KeyID: "page", Business: business}
		v.speak()
		edge.NoteCaller(req, business.ID, "")
		if req.IsPost() {
			if foreign(req) {
				return v.problem(http.StatusForbidden, v.words.Foreign, v.words.ForeignHint)
			}
			if err := v.readForm(); err != nil {
				return err
			}
		}
		return v.explained(fn(ctx, v))
	}
}

// speak finds the words for the visitor.
func (v *visit) speak() {
	business := v.business
	if business.ID == "" { // not known yet, or at all
		business.Languages = []string{"en", "es", "pt", "fr", "de", "it"}
	}
	v.words = choose(business, v.lang, string(v.req.Request.Header.Peek("Accept-Language")))
}

// foreign reports whether a form was sent by a page of another site. There is
// no cookie that it could abuse; this keeps others from booking in a visitor's
// name all the same.
func foreign(req *fasthttp.RequestCtx) bool {
	switch site := string(req.Request.Header.Peek("Sec-Fetch-Site")); site {
	case "same-origin", "none":
		return false
	case "":
		origin := string(req.Request.Header.Peek("Origin"))
		return origin != "" && !endsInHost(origin, string(req.Host()))
	default:
		return true
	}
}

func endsInHost(origin, host string) bool {
	return origin == "http://"+host || origin == "https://"+host
}

func (v *visit) readForm() error {
	body, err := edge.Body(v.req)
	if err != nil {
		return err
	}
	v.form = &fasthttp.Args{}
	v.form.ParseBytes(body)
	return nil
}

// field returns a field of the form as one line of text.
func (v *visit) field(name string) string { return tidy(string(v.form.Peek(name))) }

// explained shows what a step could not do, where it is the visitor's to know.
func (v *visit) explained(err error) error {
	switch {
	case errors.Is(err, errNothing), errors.Is(err, booking.ErrNotFound), errors.Is(err, operation.ErrNotFound):
		return v.problem(http.StatusNotFound, v.words.NotFound, v.words.NotFoundHint)
	case errors.Is(err, booking.ErrFinal):
		return v.problem(http.StatusConflict, v.words.Over, "")
	case errors.Is(err, booking.ErrInvalid):
		return v.problem(http.StatusBadRequest, v.words.Unavailable, "")
	}
	return err
}

// errNothing is given for an address that leads nowhere.
var errNothing = errors.New("there is nothing at this address")
