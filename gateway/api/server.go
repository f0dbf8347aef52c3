package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest/tenantdb"
)

// keyring tells who bears a key; *tenant.Directory is one.
type keyring interface {
	Bearer(ctx context.Context, key string) (*tenant.Caller, error)
}

// limiter allows or refuses; *limit.Limiter is one that replicas share,
// *edge.Limiter one that lives in a process.
type limiter interface {
	TakeN(key string, rate edge.Rate, n int) edge.Verdict
}

// Server answers the routes of /v1 and of the dialects.
type Server struct {
	keys    keyring
	limits  limiter
	brake   *edge.Brake
	idem    *edge.Idempotency
	cursors cursors
	now     func() time.Time
}

// NewServer returns a server. sign makes cursors; a *tenant.Vault is one.
func NewServer(keys keyring, limits limiter, idem *edge.Idempotency, sign signer) *Server {
	return &Server{keys: keys, limits: limits, brake: edge.NewBrake(), idem: idem, cursors: cursors{sign}, now: time.Now}
}

// Mount makes routes of the edge, in a style.
func (s *Server) Mount(style Style, routes []Route) []edge.Route {
	out := make([]edge.Route, len(routes))
	for i := range routes {
		route := routes[i]
		if route.Status == 0 {
			route.Status = http.StatusOK
		}
		out[i] = edge.Route{
			Method: route.Method, Path: route.Path, MaxBodyBytes: route.MaxBodyBytes, Timeout: route.Timeout, AtOnce: route.AtOnce, Faults: style.Failure,
			Handler: func(ctx context.Context, req *fasthttp.RequestCtx) error { return s.serve(ctx, req, &route, &style) },
		}
	}
	return out
}

var (
	faultUnauthorized = &edge.Fault{Status: http.StatusUnauthorized, Code: "unauthorized", Refused: true,
		Detail: "missing or invalid API key; send it as Authorization: Bearer KEY"}
	faultExpired = &edge.Fault{Status: http.StatusUnauthorized, Code: "key_expired", Refused: true,
		Detail: "this API key is no longer good; use the one that it was replaced by, or have one made"}
	faultWorkspace = &edge.Fault{Status: http.StatusForbidden, Code: "wrong_workspace", Refused: true,
		Detail: "X-Workspace-ID is not the workspace of this key"}
)

func (s *Server) serve(ctx context.Context, req *fasthttp.RequestCtx, route *Route, style *Style) error {
	caller, err := s.authenticate(ctx, req)
	if err != nil {
		return err
	}
	edge.NoteCaller(req, caller.Tenant, caller.KeyID)
	if err := s.limit(ctx, req, caller, tenant.Requests, 1); err != nil {
		return err
	}
	if err := s.limit(ctx, req, caller, tenant.Workspace, 1); err != nil {
		return err
	}
	if !caller.May(route.Scope) {
		return &edge.Fault{Status: http.StatusForbidden, Code: "missing_scope", Detail: "this key lacks the scope " + route.Scope, Refused: true}
	}
	if route.Method != http.MethodPost { // what others do twice, they do once
		return s.answer(ctx, req, caller, route, style)
	}
	key, err := edge.IdempotencyKey(req)
	if err != nil {
		return err
	}
	if key == "" {
		return s.answer(ctx, req, caller, route, style)
	}
	scope := edge.Scope{Tenant: caller.Tenant, Mode: string(caller.Mode), Method: route.Method, Route: route.Path, Key: key}
	return s.idem.Do(ctx, req, scope, style.Failure, func(ctx context.Context) error { return s.answer(ctx, req, caller, route, style) })
}

// answer decodes, checks, calls and replies.
func (s *Server) answer(ctx context.Context, req *fasthttp.RequestCtx, caller *tenant.Caller, route *Route, style *Style) error {
	if route.Method != http.MethodGet {
		ctx = tenantdb.As(ctx, tenantdb.Actor{Kind: tenantdb.ByKey, ID: caller.KeyID, Action: route.ID, Request: edge.RequestID(req)})
	}
	res, err := route.call(ctx, *caller, request{
		req: req, cursors: s.cursors, route: route,
		admit: func(in any) error { return s.admit(ctx, req, caller, route, in) },
	})
	if err != nil {
		return err
	}
	status := route.Status
	if res.status != 0 {
		status = res.status
	}
	if d, ok := res.out.(download); ok {
		d.write(req)
		return nil
	}
	if _, empty := res.out.(none); empty {
		return edge.Reply(req, status, nil)
	}
	if d, ok := res.out.(document); ok {
		return edge.ReplyStream(req, status, d.media, d.body)
	}
	return edge.Reply(req, status, style.Success(res.out, res.page, edge.RequestID(req), s.now().UTC()))
}

// admit counts a request that is in order against its class, and each of what it
// brings against theirs.
func (s *Server) admit(ctx context.Context, req *fasthttp.RequestCtx, caller *tenant.Caller, route *Route, in any) error {
	if route.Class != "" {
		if err := s.limit(ctx, req, caller, route.Class, 1); err != nil {
			return err
		}
	}
	w, many := in.(weighed)
	if !many {
		return nil
	}
	for class, n := range w.Weights() {
		if err := s.limit(ctx, req, caller, class, n); err != nil {
			return err
		}
	}
	return nil
}

// authenticate finds out who calls, by the key in one of three places.
func (s *Server) authenticate(ctx context.Context, req *fasthttp.RequestCtx) (*tenant.Caller, error) {
	caller, err := s.keys.Bearer(ctx, keyOf(req))
	if errors.Is(err, tenant.ErrUnauthenticated) {
		fault := faultUnauthorized
		if errors.Is(err, tenant.ErrKeyExpired) {
			fault = faultExpired
		}
		req.Response.Header.Set("WWW-Authenticate", `Bearer realm="frontdesk"`)
		return nil, fault
	}
	if err != nil {
		return nil, err
	}
	workspace := req.Request.Header.PeekCanonical(headerWorkspace)
	if len(workspace) > 0 && string(workspace) != string(caller.Tenant) && string(workspace) != caller.Business.Slug {
		return nil, faultWorkspace
	}
	return caller, nil
}

func keyOf(req *fasthttp.RequestCtx) string {
	const bearer = "bearer "
	auth := req.Request.Header.PeekCanonical(headerAuthorization)
	if len(auth) > len(bearer) && strings.EqualFold(string(auth[:len(bearer)]), bearer) {
		return string(bytes.TrimSpace(auth[len(bearer):]))
	}
	if key := req.Request.Header.PeekCanonical(headerKey); len(key) > 0 {
		return string(key)
	}
	return string(req.QueryArgs().Peek("api_key"))
}

// limit takes n of class from the plan, all or none, and tells of it in the
// headers. What a plan does not limit has none. Who goes on after a refusal hears
// of the next one later, and costs less.
func (s *Server) limit(ctx context.Context, req *fasthttp.RequestCtx, caller *tenant.Caller, class tenant.Class, n int) error {
	bucket, rate, limited := caller.Limit(class)
	if !limited {
		return nil
	}
	v := s.limits.TakeN(bucket, edge.Rate{Count: rate.Count, Per: rate.Per}, n)
	if class == tenant.Requests || !v.Allowed {
		tell(&req.Response.Header, v)
	}
	if v.Allowed {
		return nil
	}
	f := &edge.Fault{
		Status: http.StatusTooManyRequests, Code: "rate_limited", Refused: true,
		Detail: "the plan allows " + strconv.Itoa(rate.Count) + " " + what(class) + " per " + per(rate.Per),
	}
	if v.RetryIn <= 0 {
		f.Detail += ", and this request brings " + strconv.Itoa(n) + " at once; send fewer"
		return f
	}
	f.RetryAfter = max(v.RetryIn, time.Second)
	f.Detail += "; see Retry-After"
	s.brake.Hold(ctx, bucket).Shed(req)
	return f
}

// Names of headers, as they are written and kept.
var (
	headerLimit, headerRemaining, headerReset       = []byte("X-Ratelimit-Limit"), []byte("X-Ratelimit-Remaining"), []byte("X-Ratelimit-Reset")
	headerAuthorization, headerKey, headerWorkspace = []byte("Authorization"), []byte("X-Api-Key"), []byte("X-Workspace-Id")
)

// tell writes the headers that every answer has, without allocating.
func tell(h *fasthttp.ResponseHeader, v edge.Verdict) {
	var memory [20]byte
	h.SetCanonical(headerLimit, strconv.AppendInt(memory[:0], int64(v.Limit), 10))
	h.SetCanonical(headerRemaining, strconv.AppendInt(memory[:0], int64(v.Remaining), 10))
	h.SetCanonical(headerReset, strconv.AppendInt(memory[:0], v.Reset.Unix(), 10))
}

func what(class tenant.Class) string {
	return map[tenant.Class]string{
		tenant.Requests: "requests", tenant.Bulk: "bulk requests", tenant.Messages: "messages",
		tenant.Knowledge: "knowledge writes", tenant.Workspace: "requests of a workspace",
	}[class]
}

func per(d time.Duration) string {
	switch d {
	case time.Minute:
		return "minute"
	case time.Hour:
		return "hour"
	case 24 * time.Hour:
		return "day"
	default:
		return d.String()
	}
}
