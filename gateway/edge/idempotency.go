package edge

import (
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/ingest"
)

// IdempotencyHeader names a request, so that a repeat of it has no second
// effect.
const IdempotencyHeader = "Idempotency-Key"

// Scope is where an idempotency key is unique. The tenant is part of it, or
// one tenant could read another's answer; the mode is, or a test could hide a
// live request.
type Scope struct {
	Tenant ingest.TenantID
	Mode   string
	Method string
	Route  string // the pattern, not the path: the path is part of the request
	Key    string
}

// Answer is a response that is kept.
type Answer struct {
	Status int
	Body   []byte
}

// Claim is what a store says of a request that bears a key.
type Claim int

const (
	// Ours: nobody ran this request, or who did died; run it.
	Ours Claim = iota
	// Replayed: it ran; here is its answer.
	Replayed
	// Running: it runs now.
	Running
	// Reused: another request bore this key.
	Reused
)

// Standing is what a store knows of a request that bears a key.
type Standing struct {
	Claim  Claim
	Answer Answer // if Replayed
	// Effect names the request's effect, if Ours: it is the same for who takes
	// over from a process that died in the middle.
	Effect string
}

// answers keeps the answers of requests; *IdempotencyStore does.
type answers interface {
	Begin(ctx context.Context, scope Scope, fingerprint []byte, owner string) (Standing, error)
	Renew(ctx context.Context, scope Scope, owner string) (held bool, err error)
	Finish(ctx context.Context, scope Scope, owner string, a Answer) error
	Abandon(ctx context.Context, scope Scope, owner string) error
	Release(ctx context.Context, scope Scope, owner string) error
}

// Idempotency gives a repeated request the answer of the first for 24 hours.
type Idempotency struct {
	store   answers
	explain func(error) *Fault
	log     *slog.Logger
}

// NewIdempotency returns an Idempotency on store. explain is as in [Options];
// log may be nil.
func NewIdempotency(store answers, explain func(error) *Fault, log *slog.Logger) *Idempotency {
	if log == nil {
		log = slog.Default()
	}
	return &Idempotency{store: store, explain: explain, log: log}
}

// MaxKeyBytes bounds an Idempotency-Key.
const MaxKeyBytes = 255

var (
	faultKeyForm    = &Fault{Status: http.StatusBadRequest, Code: "invalid_idempotency_key", Detail: "an Idempotency-Key is 1 to 255 printable ASCII characters", Refused: true}
	faultKeyReused  = &Fault{Status: http.StatusConflict, Code: "idempotency_key_reused", Detail: "this Idempotency-Key was used for another request; use a new one", Refused: true}
	faultKeyRunning = &Fault{Status: http.StatusConflict, Code: "request_in_progress", Detail: "a request with this Idempotency-Key is being worked on; ask again in a moment", RetryAfter: time.Second, Refused: true}
)

// IdempotencyKey returns the request's key, "" where it has none, or the fault
// of one that cannot be.
func IdempotencyKey(req *fasthttp.RequestCtx) (string, error) {
	raw := req.Request.Header.Peek(IdempotencyHeader)
	if raw == nil {
		return "", nil
	}
	if len(raw) == 0 || len(raw) > MaxKeyBytes {
		return "", faultKeyForm
	}
	for _, c := range raw {
		if c < '!' || c > '~' {
			return "", faultKeyForm
		}
	}
	return string(raw), nil
}

// Effect names the effect of a request that bears an idempotency key, "" of
// one that does not. Handlers hand it to stores that can tell a repeat, so that
// a process that dies between the effect and its answer leaves no second one.
func Effect(req *fasthttp.RequestCtx) string {
	effect, _ := req.UserValue(effectKey).(string)
	return effect
}

// written is an error that the response tells of already.
type written struct{ error }

func (w written) Unwrap() error { return w.error }

// Do runs next once per scope and keeps its answer, a fault too unless it is
// Refused or ours (5xx). A repeat gets that answer with Idempotency-Replayed:
// true, another request under the key 409, and so does a repeat while the first
// still runs. After a fault of ours a repeat runs again at once under the same
// [Effect], and after a crash once its claim is over, some seconds later. next
// must end with its context: that ends before another may take over.
func (i *Idempotency) Do(ctx context.Context, req *fasthttp.RequestCtx, scope Scope, style FaultBody, next func(context.Context) error) error {
	fingerprint, err := fingerprintOf(req)
	if err != nil {
		return err
	}
	id := RequestID(req)
	since := time.Now() // before the claim is made, so that it ends here before it does there
	stands, err := i.store.Begin(ctx, scope, fingerprint, id)
	switch {
	case err != nil:
		return err
	case stands.Claim == Reused:
		return faultKeyReused
	case stands.Claim == Running:
		return faultKeyRunning
	case stands.Claim == Replayed:
		req.Response.Header.Set("Idempotency-Replayed", "true")
		req.Response.Header.SetContentType(contentTypeJSON)
		req.SetStatusCode(stands.Answer.Status)
		req.Response.SetBodyRaw(stands.Answer.Body)
		return nil
	}
	req.SetUserValue(effectKey, stands.Effect)
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer i.hold(scope, id, since, end)()
	return i.run(ctx, req, claim{scope, id, style}, next)
}

// claim is a request that has its key to itself.
type claim struct {
	scope Scope
	owner string
	style FaultBody
}

// run runs next and keeps its answer. Where next panics the key is free for a
// repeat.
func (i *Idempotency) run(ctx context.Context, req *fasthttp.RequestCtx, c claim, next func(context.Context) error) error {
	done := false
	// The request's own deadline may be over; its answer must be kept all the same.
	store := func(do func(ctx context.Context) error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepWithin)
		defer cancel()
		i.keep(do(ctx))
		done = true
	}
	release := func(ctx context.Context) error { return i.store.Release(ctx, c.scope, c.owner) }
	defer func() {
		if !done {
			store(release)
		}
	}()
	failed := next(ctx)
	if failed != nil {
		f, _ := explain(failed, i.explain)
		if f.Status >= http.StatusInternalServerError {
			store(release)
			return failed
		}
		if f.Refused {
			store(func(ctx context.Context) error { return i.store.Abandon(ctx, c.scope, c.owner) })
			return failed
		}
		writeFault(req, f, c.style, c.owner, time.Now())
		failed = written{failed}
	}
	body := append([]byte{}, req.Response.Body()...)
	status := req.Response.StatusCode()
	store(func(ctx context.Context) error {
		return i.store.Finish(ctx, c.scope, c.owner, Answer{Status: status, Body: body})
	})
	return failed
}

// keepWithin bounds the keeping of an answer.
const keepWithin = 5 * time.Second

// keep logs that an answer could not be kept: the request has had its effect,
// so that is not the caller's error. A repeat runs again once the lock is over.
func (i *Idempotency) keep(err error) {
	if err != nil {
		i.log.Error("an idempotent answer was not kept", "error", redact(err.Error()))
	}
}

// fingerprintOf tells one request from another: method, path, query and body.
func fingerprintOf(req *fasthttp.RequestCtx) ([]byte, error) {
	body, err := Body(req)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	for _, part := range [][]byte{req.Method(), req.URI().PathOriginal(), queryWithoutKey(req), body} {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return h.Sum(nil), nil
}

// queryWithoutKey leaves out the API key, which may be rotated between a
// request and its repeat.
func queryWithoutKey(req *fasthttp.RequestCtx) []byte {
	args := fasthttp.AcquireArgs()
	defer fasthttp.ReleaseArgs(args)
	req.QueryArgs().CopyTo(args)
	args.Del("api_key")
	return append([]byte{}, args.QueryString()...)
}
