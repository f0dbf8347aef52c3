package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/tenant"
)

// Route is one row of the table.
type Route struct {
	Method  string
	Path    string // "/v1/agents/{id}"
	ID      string // unique name: "getAgent"
	Tag     string // what it belongs to: "Agents"
	Summary string
	Doc     string
	Scope   string       // that the key must have; empty: any key
	Class   tenant.Class // limited on its own, besides the requests; empty: not
	Status  int          // of success; 0 means 200
	// MaxBodyBytes bounds the body; 0 means the server's bound.
	MaxBodyBytes int
	// Timeout is the deadline; 0 means the server's.
	Timeout time.Duration
	AtOnce  int // how many are served at a time; 0: any number
	// Faults are the codes that this route can answer besides the common ones.
	Faults []string

	in, out reflect.Type
	list    bool
	call    call
}

// call runs a route: input decoded from the request and checked, output and
// status returned.
type call func(ctx context.Context, caller tenant.Caller, in request) (result, error)

// request is what a call needs of the server.
type request struct {
	req     *fasthttp.RequestCtx
	cursors cursors
	route   *Route
	// admit is asked once the input is found good: may this be done now?
	admit func(in any) error
}

type result struct {
	out    any
	page   *Paging
	status int // 0: the route's
}

// checked inputs have rules beyond their tags.
type checked interface{ Check() []edge.FieldError }

// weighed inputs count more than once against limits of the plan, and against
// others than their route's.
type weighed interface{ Weights() map[tenant.Class]int }

// statused outputs decide the status themselves.
type statused interface{ status() int }

// Bind completes route with the function that answers it.
func Bind[In, Out any](route Route, fn func(context.Context, tenant.Caller, In) (Out, error)) Route {
	route.in, route.out = reflect.TypeFor[In](), reflect.TypeFor[Out]()
	route.call = func(ctx context.Context, caller tenant.Caller, r request) (result, error) {
		var in In
		if err := r.read(&in, nil); err != nil {
			return result{}, err
		}
		out, err := fn(ctx, caller, in)
		if err != nil {
			return result{}, err
		}
		if s, ok := any(out).(statused); ok {
			return result{out: out, status: s.status()}, nil
		}
		return result{out: out}, nil
	}
	return route
}

// none is the output of a route whose answer has no body.
type none struct{}

// paging is embedded in the input of a list.
type paging struct {
	Limit  int    `json:"-" query:"limit" min:"1" max:"100" doc:"How many, 20 unless told." example:"20"`
	Cursor string `json:"-" query:"cursor" maxLength:"1024" doc:"From meta.cursor of the page before."`
}

func (p *paging) pages() *paging { return p }

// paged is an input with [paging] in it.
type paged interface{ pages() *paging }

// counting is embedded in the input of a list that can say how long it is.
type counting struct {
	Count bool `json:"-" query:"count" doc:"Tell in meta.total how many there are on all pages."`
}

// mostTotal is how far totals count.
const mostTotal = 10_000

// page is what a list's function returns.
type page[T any] struct {
	items []T
	next  string
	total *int // of all pages; nil: nobody asked
}

// counted is p with the total of its list, where that is asked for.
func counted[T any](p page[T], err error, in counting, count func() (int, error)) (page[T], error) {
	if err != nil || !in.Count {
		return p, err
	}
	n, err := count()
	n = min(n, mostTotal+1)
	p.total = &n
	return p, err
}

// BindList completes route with the function that answers a page of its list.
// The input must embed paging; its Cursor reaches fn as the store made it.
func BindList[In, Out any](route Route, fn func(context.Context, tenant.Caller, In) (page[Out], error)) Route {
	route.in, route.out, route.list = reflect.TypeFor[In](), reflect.TypeFor[Out](), true
	route.call = func(ctx context.Context, caller tenant.Caller, r request) (result, error) {
		var in In
		p, _ := any(&in).(paged)
		if err := r.read(&in, func() error { return r.open(caller, p) }); err != nil {
			return result{}, err
		}
		got, err := fn(ctx, caller, in)
		if err != nil {
			return result{}, err
		}
		items := got.items
		if items == nil {
			items = []Out{} // an empty list, not null
		}
		pg := &Paging{HasMore: got.next != "", Count: len(items), Total: got.total}
		if pg.HasMore {
			pg.Cursor = r.cursors.seal(caller.Tenant, r.route.ID, got.next)
		}
		return result{out: items, page: pg}, nil
	}
	return route
}

// BindAll completes route with the function that answers a list that has no
// pages.
func BindAll[In, Out any](route Route, fn func(context.Context, tenant.Caller, In) ([]Out, error)) Route {
	route = Bind(route, fn)
	one := route.call
	route.out, route.list = reflect.TypeFor[Out](), true
	route.call = func(ctx context.Context, caller tenant.Caller, r request) (result, error) {
		res, err := one(ctx, caller, r)
		if items, ok := res.out.([]Out); ok {
			res.page = &Paging{Count: len(items)}
		}
		return res, err
	}
	return route
}

// open replaces the cursor in p by what it stands for.
func (r request) open(caller tenant.Caller, p paged) error {
	if p == nil || p.pages().Cursor == "" {
		return nil
	}
	after, ok := r.cursors.open(caller.Tenant, r.route.ID, p.pages().Cursor)
	if !ok {
		return &edge.Fault{Status: http.StatusBadRequest, Code: "invalid_cursor", Refused: true,
			Detail: "this cursor was not given for this list; begin again without one"}
	}
	p.pages().Cursor = after
	return nil
}

// read fills in from the request, checks it, and asks whether it may be done.
func (r request) read(in any, then func() error) error {
	if err := decode(r.req, in, r.route.in); err != nil {
		return err
	}
	problems := check(reflect.ValueOf(in).Elem(), "")
	if c, ok := in.(checked); ok && len(problems) == 0 {
		problems = c.Check()
	}
	if err := edge.Invalid(problems...); err != nil {
		return err
	}
	if then != nil {
		if err := then(); err != nil {
			return err
		}
	}
	return r.admit(in)
}
