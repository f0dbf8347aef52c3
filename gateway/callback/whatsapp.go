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
	ctx, cancel := context.WithTimeout(context.Background(), h.cfg.LookupTimeout)
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
	buf := bodies.Get().(*[]byte)
	defer keepBody(buf)
	body, ok := h.read(buf, req, provider.WhatsApp)
	if !ok {
		return
	}
	signature, ok := whatsapp.ParseSignature(string(req.Request.Header.Peek(whatsapp.SignatureHeader)))
	if !ok {
		h.answer(req, provider.WhatsApp, resultRefused, http.StatusUnauthorized)
		return
	}
	ctx := context.Background() // each step has its own bound
	j, signed, err := h.verifyWhatsApp(ctx, Entry{Provider: provider.WhatsApp, Body: body, ReceivedAt: h.cfg.Now().UTC()}, signature)
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

const (
	// fewSecrets is how many apps' secrets are tried before a body is looked
	// into.
	fewSecrets = 8
	// strangerBytes is the largest body that is looked into although none of
	// the secrets known so far signed it. Its channel may be a new one.
	strangerBytes = 256 << 10
	// fewAddresses is how many addresses of such a body are looked up.
	fewAddresses = 4
)

// verifyWhatsApp finds out which app signed e and for which channels its
// updates are. One POST is signed by one app: the updates of channels with
// another app's secret are not taken, and a body that holds nothing but such
// is not signed.
func (h *Handler) verifyWhatsApp(ctx context.Context, e Entry, signature whatsapp.Signature) (j job, signed bool, err error) {
	signs := func(s provider.Secret) bool { return signature.Signs(e.Body, s) }
	all, err := h.dir.Secrets(ctx, provider.WhatsApp)
	if err != nil {
		return job{}, false, err
	}
	secret, large := provider.Secret(""), len(e.Body) > strangerBytes
	if large || len(all) <= fewSecrets {
		secret = firstOf(all, len(e.Body), signs)
	}
	if secret == "" && large {
		return job{}, false, nil
	}
	j = take(e)
	if secret == "" {
		if secret, err = h.namedSigner(ctx, j.updates, signs); err != nil {
			return job{}, false, err
		}
	}
	if secret == "" && len(all) > fewSecrets {
		secret = firstOf(all, len(e.Body), signs)
	}
	if secret == "" {
		return job{}, false, nil
	}
	signed, err = h.routeWhatsApp(ctx, &j, secret)
	return j, signed, err
}

// namedSigner returns the secret, of the channels that updates name first, with
// which the body was signed.
func (h *Handler) namedSigner(ctx context.Context, updates []provider.Update, signs func(provider.Secret) bool) (provider.Secret, error) {
	var seen []Address
	var tried []provider.Secret
	for i := range updates {
		u := &updates[i]
		if slices.Contains(seen, addressOf(u)) {
			continue
		}
		if seen = append(seen, addressOf(u)); len(seen) > fewAddresses {
			break
		}
		channels, err := h.whatsAppChannels(ctx, u)
		if err != nil {
			return "", err
		}
		for k := range channels {
			if s := channels[k].AppSecret; !slices.Contains(tried, s) && len(tried) < fewAddresses {
				if tried = append(tried, s); signs(s) {
					return s, nil
				}
			}
		}
	}
	return "", nil
}

// routeWhatsApp sets for which channels j's updates are. It returns false where
// there are updates and all are of channels with another secret.
func (h *Handler) routeWhatsApp(ctx context.Context, j *job, secret provider.Secret) (signed bool, err error) {
	signed = len(j.updates) == 0
	var seen map[Address]bool // only where there is more than one
	for i := range j.updates {
		u := &j.updates[i]
		a := addressOf(u)
		switch n := len(j.Routes); {
		case n > 0 && j.Routes[n-1].Address == a, seen[a]:
			continue
		case n == 1:
			seen = map[Address]bool{j.Routes[0].Address: true}
			fallthrough
		case n > 1:
			seen[a] = true
		}
		channels, err := h.whatsAppChannels(ctx, u)
		if err != nil {
			return false, err
		}
		r := Route{a, targets(u, channels, secret)}
		j.Routes = append(j.Routes, r)
		signed = signed || len(r.Targets) > 0 || len(channels) == 0
	}
	return signed, nil
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

// targets returns those of channels that have the secret. A notice goes once
// to each business, to the channel whose number it names.
func targets(u *provider.Update, channels []provider.Channel, secret provider.Secret) (list []Target) {
	for i := range channels {
		ch := &channels[i]
		if ch.AppSecret != secret {
			continue
		}
		t := Target{Tenant: ch.Tenant, Channel: ch.ID}
		if u.Notice != nil && ch.Ref != u.Ref && (u.Phone == "" || ch.Phone != u.Phone) {
			t.Channel = ""
		}
		list = addTarget(list, t)
	}
	return list
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
