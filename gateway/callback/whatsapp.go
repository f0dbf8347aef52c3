package callback

import (
	"context"
	"net/http"
	"slices"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
)

func parseWhatsApp(body []byte) ([]provider.Update, error) { return whatsapp.Parse(body) }

// ServeWhatsApp serves GET and POST of the URL that is configured for every
// WhatsApp app: Meta's handshake, and its callbacks.
func (h *Handler) ServeWhatsApp(req *fasthttp.RequestCtx) {
	switch {
	case req.IsGet():
		h.handshake(req)
	case req.IsPost():
		h.postWhatsApp(req)
	default:
		req.Response.Header.Set("Allow", "GET, POST")
		h.answer(req, provider.WhatsApp, resultUnread, http.StatusMethodNotAllowed)
	}
}

// handshake answers Meta's check of the URL: the challenge, if the token is one
// of ours.
func (h *Handler) handshake(req *fasthttp.RequestCtx) {
	args := req.QueryArgs() // names with dots, as they are
	if !args.Has("hub.mode") {
		h.answer(req, provider.WhatsApp, resultRefused, http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.cfg.PublishTimeout)
	defer cancel()
	token := string(args.Peek("hub.verify_token"))
	known, err := false, error(nil)
	if string(args.Peek("hub.mode")) == "subscribe" && token != "" {
		known, err = h.dir.VerifyTokenKnown(ctx, provider.WhatsApp, token)
	}
	switch {
	case err != nil:
		h.unsure(req, provider.WhatsApp, err)
	case !known:
		h.answer(req, provider.WhatsApp, resultRefused, http.StatusForbidden)
	default:
		h.metrics.callback(provider.WhatsApp, resultHandshake)
		req.SetContentType("text/plain; charset=utf-8")
		req.Response.Header.Set("X-Content-Type-Options", "nosniff") // the challenge is the caller's
		req.SetBody(args.Peek("hub.challenge"))
	}
}

func (h *Handler) postWhatsApp(req *fasthttp.RequestCtx) {
	body, ok := h.read(req, provider.WhatsApp)
	if !ok {
		return
	}
	signature, ok := whatsapp.ParseSignature(string(req.Request.Header.Peek(whatsapp.SignatureHeader)))
	if !ok {
		h.answer(req, provider.WhatsApp, resultRefused, http.StatusUnauthorized)
		return
	}
	j := take(Entry{Provider: provider.WhatsApp, Body: body, ReceivedAt: h.cfg.Now().UTC()})
	ctx := context.Background() // each step has its own bound
	signed, err := h.routeWhatsApp(ctx, &j, signature)
	switch {
	case err != nil:
		h.unsure(req, provider.WhatsApp, err)
	case !signed:
		h.answer(req, provider.WhatsApp, resultRefused, http.StatusUnauthorized)
	default:
		h.reply(req, h.settle(ctx, j))
	}
}

// settle accepts j and returns what to answer: 400 to a body that cannot be
// read, once it is kept.
func (h *Handler) settle(ctx context.Context, j job) int {
	status := h.accept(ctx, j)
	if status == http.StatusOK && j.err != nil {
		return http.StatusBadRequest
	}
	return status
}

// candidates is a route and the channels whose secrets may have signed it.
type candidates struct {
	Route
	channels []provider.Channel
}

// routeWhatsApp finds out for which channels j's updates are, and reports
// whether the signature is good at all. One POST is signed by one app: the
// updates of channels with another app's secret are not taken.
func (h *Handler) routeWhatsApp(ctx context.Context, j *job, signature whatsapp.Signature) (bool, error) {
	list, err := h.candidates(ctx, j.updates)
	if err != nil {
		return false, err
	}
	secret, stranger := signer(list, j.Body, signature)
	if secret == "" {
		if !stranger && len(list) > 0 {
			return false, nil
		}
		return h.anySecret(ctx, provider.WhatsApp, j.Body, func(s provider.Secret) bool { return signature.Signs(j.Body, s) })
	}
	j.Routes = make([]Route, len(list))
	for i := range list {
		j.Routes[i] = list[i].signedBy(secret)
	}
	return true, nil
}

// candidates looks up the channels of each address that updates name.
func (h *Handler) candidates(ctx context.Context, updates []provider.Update) ([]candidates, error) {
	var list []candidates
	for i := range updates {
		u := &updates[i]
		if slices.ContainsFunc(list, func(c candidates) bool { return c.covers(u) }) {
			continue
		}
		found, err := h.whatsAppChannels(ctx, u)
		if err != nil {
			return nil, err
		}
		list = append(list, candidates{routeOf(u), found})
	}
	return list, nil
}

// whatsAppChannels returns the channel of the number that u names. A notice is
// for all channels of its account; so is an update of an account with a single
// channel, which need not be named.
func (h *Handler) whatsAppChannels(ctx context.Context, u *provider.Update) ([]provider.Channel, error) {
	if u.Ref != "" {
		ch, ok, err := h.dir.ByRef(ctx, provider.WhatsApp, u.Ref)
		if ok || err != nil {
			return []provider.Channel{ch}, err
		}
	}
	if u.Account == "" || (u.Ref != "" && u.Notice == nil) {
		return nil, nil
	}
	all, err := h.dir.ByAccount(ctx, provider.WhatsApp, u.Account)
	if err != nil || (u.Notice == nil && len(all) != 1) {
		return nil, err
	}
	return all, nil
}

// signer returns the secret of the candidates that signed body, or nothing.
// stranger reports an address without a channel.
func signer(list []candidates, body []byte, signature whatsapp.Signature) (_ provider.Secret, stranger bool) {
	var tried []provider.Secret
	most := max(1, maxHashed/(len(body)+1024))
	for i := range list {
		stranger = stranger || len(list[i].channels) == 0
		for k := range list[i].channels {
			secret := list[i].channels[k].AppSecret
			if slices.Contains(tried, secret) || len(tried) >= most {
				continue
			}
			tried = append(tried, secret)
			if signature.Signs(body, secret) {
				return secret, stranger
			}
		}
	}
	return "", stranger
}

// signedBy returns c's route with those of its channels that have the secret.
// A notice goes once to each business, to the channel whose number it names.
func (c *candidates) signedBy(secret provider.Secret) Route {
	r := c.Route
	for i := range c.channels {
		ch := &c.channels[i]
		if ch.AppSecret != secret {
			continue
		}
		t := Target{Tenant: ch.Tenant, Channel: ch.ID}
		if r.Notice && ch.Ref != r.Ref && (r.Phone == "" || ch.Phone != r.Phone) {
			t.Channel = ""
		}
		r.Targets = addTarget(r.Targets, t)
	}
	return r
}

// addTarget adds t unless its tenant is there; a named channel wins.
func addTarget(list []Target, t Target) []Target {
	i := slices.IndexFunc(list, func(o Target) bool { return o.Tenant == t.Tenant })
	if i < 0 {
		return append(list, t)
	}
	if list[i].Channel == "" {
		list[i].Channel = t.Channel
	}
	return list
}

// ours returns s if it is an id of one of our messages.
func ours(s []byte) ingest.MessageID {
	if id := string(s); ingest.ValidID(ingest.PrefixMessage, id) {
		return ingest.MessageID(id)
	}
	return ""
}
