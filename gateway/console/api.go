package console

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// directory is what the console needs of *tenant.Directory.
type directory interface {
	Authenticate(ctx context.Context, key string) (tenant.Caller, error)
	Channels(ctx context.Context, tenant ingest.TenantID) ([]provider.Channel, error)
}

// Console is the pages and what they ask for. It is safe for concurrent use.
type Console struct {
	directory directory
	sim       *simulator.Simulator
	insight   *Insight
}

// New returns a Console. insight says what the agent saw; nil shows none of it.
func New(directory directory, sim *simulator.Simulator, insight *Insight) *Console {
	return &Console{directory, sim, insight}
}

const maxImage = 5 << 20

// Routes returns all routes of the console: the pages, /simulator/api, and the
// simulator's own two APIs.
func (c *Console) Routes() []edge.Route {
	const api = "/simulator/api"
	one := api + "/customers/{id}"
	routes := append(pageRoutes(), []edge.Route{
		{Method: http.MethodGet, Path: api + "/session", Handler: c.as(c.session)},
		{Method: http.MethodGet, Path: api + "/customers", Handler: c.as(c.customers)},
		{Method: http.MethodPost, Path: api + "/customers", Handler: c.as(c.join)},
		{Method: http.MethodDelete, Path: one, Handler: c.as(c.forget)},
		{Method: http.MethodGet, Path: one + "/thread", Handler: c.as(c.thread), Quiet: true},
		{Method: http.MethodPost, Path: one + "/messages", Handler: c.as(c.write)},
		{Method: http.MethodPost, Path: one + "/resume", Handler: c.as(c.resume)},
		{Method: http.MethodPost, Path: api + "/media", MaxBodyBytes: maxImage, Handler: c.as(c.upload)},
		{Method: http.MethodGet, Path: api + "/media/{id}", Handler: c.as(c.media), Quiet: true},
	}...)
	graph, twilio := simulator.GraphPath+"/{version}/{id}", simulator.TwilioPath
	for _, at := range []struct {
		method, path string
		serve        fasthttp.RequestHandler
	}{
		{http.MethodPost, graph + "/messages", c.sim.ServeGraph},
		{http.MethodPost, graph + "/media", c.sim.ServeGraph},
		{http.MethodGet, graph, c.sim.ServeGraph},
		{http.MethodGet, graph + "/file", c.sim.ServeGraph},
		{http.MethodPost, twilio + "/2010-04-01/Accounts/{sid}/Messages.json", c.sim.ServeTwilio},
		{http.MethodPost, twilio + "/v3/Indicators/Typing.json", c.sim.ServeTwilio},
	} {
		routes = append(routes, edge.Route{Method: at.method, Path: at.path, Raw: at.serve, Quiet: true})
	}
	return routes
}

type handler func(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error

// as lets in the bearers of test keys.
func (c *Console) as(h handler) edge.Handler {
	return func(ctx context.Context, req *fasthttp.RequestCtx) error {
		req.Response.Header.Set("Cache-Control", "no-store")
		key := strings.TrimPrefix(string(req.Request.Header.Peek("Authorization")), "Bearer ")
		caller, err := c.directory.Authenticate(ctx, key)
		switch {
		case errors.Is(err, tenant.ErrUnauthenticated):
			return &edge.Fault{Status: http.StatusUnauthorized, Code: "unauthenticated", Detail: "this key is not known; paste a test key of your business", Refused: true}
		case err != nil:
			return err
		case !caller.Test():
			return &edge.Fault{Status: http.StatusForbidden, Code: "test_key_needed", Detail: "this is a live key; the simulator takes test keys only", Refused: true}
		}
		edge.NoteCaller(req, caller.Tenant, caller.KeyID)
		return known(h(ctx, req, caller))
	}
}

// known turns what callers can do something about into faults.
func known(err error) error {
	switch {
	case errors.Is(err, simulator.ErrInvalid):
		return &edge.Fault{Status: http.StatusUnprocessableEntity, Code: "invalid", Detail: err.Error(), Refused: true}
	case errors.Is(err, simulator.ErrNotFound), errors.Is(err, tenant.ErrNotFound):
		return &edge.Fault{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such channel, customer or file", Refused: true}
	}
	return err
}

func reply(req *fasthttp.RequestCtx, status int, data any) error {
	return edge.Reply(req, status, map[string]any{"data": data})
}

type channelJSON struct {
	ID    ingest.ChannelID `json:"id"`
	Name  string           `json:"name"`
	Phone string           `json:"phone"`
	Kind  string           `json:"kind"` // whatsapp, twilio, twilio-whatsapp
}

func (c *Console) session(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	list, err := c.directory.Channels(ctx, caller.Tenant)
	if err != nil {
		return err
	}
	channels := make([]channelJSON, len(list))
	for i, ch := range list {
		channels[i] = channelJSON{ch.ID, ch.Name, ch.Phone, ch.Type}
		if ch.Type == provider.Twilio && strings.HasPrefix(ch.Ref, "whatsapp:") {
			channels[i].Kind = "twilio-whatsapp"
		}
	}
	return reply(req, http.StatusOK, struct {
		Business string        `json:"business"`
		Channels []channelJSON `json:"channels"`
	}{caller.Business.Name, channels})
}

type customerJSON struct {
	ID      string           `json:"id"`
	Channel ingest.ChannelID `json:"channel_id"`
	Phone   string           `json:"phone"`
	Name    string           `json:"name"`
}

func customerOf(c simulator.Customer) customerJSON {
	return customerJSON{c.ID, c.Channel, c.Phone, c.Name}
}

func (c *Console) customers(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	list, err := c.sim.Customers(ctx, caller.Tenant, ingest.ChannelID(req.QueryArgs().Peek("channel")))
	if err != nil {
		return err
	}
	out := make([]customerJSON, len(list))
	for i, one := range list {
		out[i] = customerOf(one)
	}
	return reply(req, http.StatusOK, out)
}

func (c *Console) join(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	var in struct {
		Channel ingest.ChannelID `json:"channel_id"`
		Phone   string           `json:"phone"`
		Name    string           `json:"name"`
	}
	if err := edge.Decode(req, &in); err != nil {
		return err
	}
	customer, err := c.sim.Join(ctx, caller.Tenant, in.Channel, in.Phone, provider.StorableText(in.Name))
	if err != nil {
		return err
	}
	return reply(req, http.StatusCreated, customerOf(customer))
}

func (c *Console) forget(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	if err := c.sim.Forget(ctx, caller.Tenant, edge.Param(req, "id")); err != nil {
		return err
	}
	req.SetStatusCode(http.StatusNoContent)
	return nil
}

type messageJSON struct {
	ID         string         `json:"id"`
	ProviderID string         `json:"provider_id"`
	Inbound    bool           `json:"inbound"`
	Content    ingest.Content `json:"content"`
	ReplyTo    string         `json:"reply_to,omitempty"`
	Status     ingest.Status  `json:"status"`
	Code       string         `json:"code"`
	At         string         `json:"at"`
}

// timeForm keeps milliseconds, so that messages of one second stay in order.
const timeForm = "2006-01-02T15:04:05.000Z"

func messageOf(m simulator.Message) messageJSON {
	return messageJSON{m.ID, m.ProviderID, m.Inbound, m.Content, m.ReplyTo, m.Status, m.Code, m.At.UTC().Format(timeForm)}
}

func (c *Console) thread(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	args := req.QueryArgs()
	since, err := strconv.ParseInt(string(args.Peek("since")), 10, 64)
	if err != nil && args.Has("since") {
		return edge.Invalid(edge.FieldError{Field: "since", Message: "want the version of the last answer, or 0"})
	}
	t, err := c.sim.Thread(ctx, caller.Tenant, edge.Param(req, "id"), since)
	if err != nil {
		return err
	}
	out := struct {
		Customer     customerJSON      `json:"customer"`
		Messages     []messageJSON     `json:"messages"`
		Version      int64             `json:"version"`
		Typing       bool              `json:"typing"`
		Conversation *conversationJSON `json:"conversation"`
		Turns        []turnJSON        `json:"turns"`
	}{Customer: customerOf(t.Customer), Messages: make([]messageJSON, len(t.Messages)), Version: t.Version, Typing: t.Typing, Turns: []turnJSON{}}
	for i, m := range t.Messages {
		out.Messages[i] = messageOf(m)
	}
	if c.insight != nil {
		have, _ := strconv.Atoi(string(args.Peek("turns"))) // absent or wrong: none
		out.Conversation, out.Turns, err = c.insight.of(ctx, caller.Tenant, t.Customer, seen{string(args.Peek("conversation")), have})
	}
	if err != nil {
		return err
	}
	return reply(req, http.StatusOK, out)
}

func (c *Console) write(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	var in struct {
		Type      ingest.ContentType `json:"type"`
		Text      string             `json:"text"`
		ReplyTo   string             `json:"reply_to"`
		Selection *ingest.Selection  `json:"selection"`
		Location  *ingest.Location   `json:"location"`
		Reaction  *ingest.Reaction   `json:"reaction"`
		Media     string             `json:"media_id"`
	}
	if err := edge.Decode(req, &in); err != nil {
		return err
	}
	content := ingest.Content{Type: in.Type, Text: in.Text, Selection: in.Selection, Location: in.Location, Reaction: in.Reaction}
	if in.Media != "" {
		file, err := c.sim.File(ctx, caller.Tenant, in.Media)
		if err != nil {
			return err
		}
		content.Media = []ingest.Media{file}
	}
	m, err := c.sim.Write(ctx, caller.Tenant, edge.Param(req, "id"), content, in.ReplyTo)
	if err != nil {
		return err
	}
	return reply(req, http.StatusAccepted, messageOf(m))
}

func (c *Console) resume(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	t, err := c.sim.Thread(ctx, caller.Tenant, edge.Param(req, "id"), 1<<62) // the customer alone
	if err != nil {
		return err
	}
	if c.insight == nil {
		return simulator.ErrNotFound
	}
	if err := c.insight.resume(ctx, caller, t.Customer); err != nil {
		return err
	}
	req.SetStatusCode(http.StatusNoContent)
	return nil
}

// images are the types that a customer can send.
var images = map[string]bool{"image/png": true, "image/jpeg": true, "image/webp": true, "image/gif": true}

func (c *Console) upload(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	kind := string(req.Request.Header.ContentType())
	if !images[kind] {
		return &edge.Fault{Status: http.StatusUnsupportedMediaType, Code: "not_an_image", Detail: "want a PNG, JPEG, WebP or GIF", Refused: true}
	}
	body, err := edge.Body(req)
	if err != nil {
		return err
	}
	id, err := c.sim.PutMedia(ctx, caller.Tenant, kind, body)
	if err != nil {
		return err
	}
	return reply(req, http.StatusCreated, map[string]string{"id": id})
}

func (c *Console) media(ctx context.Context, req *fasthttp.RequestCtx, caller tenant.Caller) error {
	kind, body, err := c.sim.Media(ctx, caller.Tenant, edge.Param(req, "id"))
	if err != nil {
		return err
	}
	if !images[kind] {
		kind = "application/octet-stream"
	}
	req.SetContentType(kind)
	req.Response.Header.Set("X-Content-Type-Options", "nosniff")
	req.Response.Header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	req.SetBody(body)
	return nil
}
