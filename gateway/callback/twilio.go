package callback

import (
	"context"
	"net/http"
	"strings"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/twilio"
)

func parseTwilio(body []byte) ([]provider.Update, error) { return twilio.Parse(body) }

// emptyTwiML tells Twilio to say nothing: replies go out as messages.
const emptyTwiML = `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`

// ServeTwilio serves POST of the URL that messages come to.
func (h *Handler) ServeTwilio(req *fasthttp.RequestCtx) {
	if !req.IsPost() {
		req.Response.Header.Set("Allow", "POST")
		h.answer(req, provider.Twilio, resultUnread, http.StatusMethodNotAllowed)
		return
	}
	buf := bodies.Get().(*[]byte)
	defer keepBody(buf)
	body, ok := h.read(buf, req, provider.Twilio)
	if !ok {
		return
	}
	signature, ok := twilio.ParseSignature(string(req.Request.Header.Peek(twilio.SignatureHeader)))
	if !ok {
		h.answer(req, provider.Twilio, resultRefused, http.StatusUnauthorized)
		return
	}
	e := Entry{Provider: provider.Twilio, Body: body, ReceivedAt: h.cfg.Now().UTC(), Correlation: ours(req.QueryArgs().Peek(twilio.MessageParam))}
	form, err := twilio.ParseForm(body)
	if err != nil {
		h.answer(req, provider.Twilio, resultMalformed, http.StatusBadRequest)
		return
	}
	url := h.public + requestPath(req)
	h.postTwilio(req, e, form, func(token provider.Secret) bool { return signature.Signs(url, form, body, token) })
}

// ServeTwilioStatus serves POST of the URL that statuses are reported to. A
// form tells by itself what it is, so the two are the same.
func (h *Handler) ServeTwilioStatus(req *fasthttp.RequestCtx) { h.ServeTwilio(req) }

// requestPath returns path and query as they were sent.
func requestPath(req *fasthttp.RequestCtx) string {
	uri := string(req.Request.Header.RequestURI())
	if _, rest, absolute := strings.Cut(uri, "://"); absolute && !strings.HasPrefix(uri, "/") {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			return "/"
		}
		return rest[slash:]
	}
	return uri
}

func (h *Handler) postTwilio(req *fasthttp.RequestCtx, e Entry, form twilio.Form, signs func(provider.Secret) bool) {
	ctx := context.Background() // each step has its own bound
	j := job{Entry: e}
	j.updates, j.err = form.Updates()
	j.correlate()
	signed, err := h.routeTwilio(ctx, &j, form.Get("AccountSid"), signs)
	switch {
	case err != nil:
		h.unsure(req, provider.Twilio, err)
		return
	case !signed:
		h.answer(req, provider.Twilio, resultRefused, http.StatusUnauthorized)
		return
	}
	if status := h.settle(ctx, j); status != http.StatusOK {
		h.reply(req, status)
		return
	}
	req.SetContentType("text/xml; charset=utf-8")
	req.SetBodyString(emptyTwiML)
}

// routeTwilio finds the channel of j's update and reports whether its account
// signed the callback.
func (h *Handler) routeTwilio(ctx context.Context, j *job, account string, signs func(provider.Secret) bool) (bool, error) {
	for i := range j.updates { // at most one
		u := &j.updates[i]
		ch, ok, err := h.twilioChannel(ctx, u)
		if err != nil {
			return false, err
		}
		if ok {
			j.Routes = []Route{{addressOf(u), []Target{{Tenant: ch.Tenant, Channel: ch.ID}}}}
			return signs(ch.AuthToken), nil
		}
	}
	return h.accountSigned(ctx, j.Body, account, signs)
}

// twilioChannel returns the channel of the number or of the Messaging Service
// that u names, if it is of u's account.
func (h *Handler) twilioChannel(ctx context.Context, u *provider.Update) (provider.Channel, bool, error) {
	for _, ref := range []string{u.Ref, u.Service} {
		if ref == "" {
			continue
		}
		ch, ok, err := h.dir.ByRef(ctx, provider.Twilio, ref)
		if err != nil || (ok && ch.Account == u.Account) {
			return ch, err == nil, err
		}
	}
	return provider.Channel{}, false, nil
}

// accountSigned reports whether a callback for no channel of ours is signed by
// the account it names, or, where it names none, by any.
func (h *Handler) accountSigned(ctx context.Context, body []byte, account string, signs func(provider.Secret) bool) (bool, error) {
	if account == "" {
		all, err := h.dir.Secrets(ctx, provider.Twilio)
		return err == nil && firstOf(all, len(body), signs) != "", err
	}
	all, err := h.dir.ByAccount(ctx, provider.Twilio, account)
	if err != nil {
		return false, err
	}
	for i := range all {
		if i == 0 || all[i].AuthToken != all[i-1].AuthToken {
			if signs(all[i].AuthToken) {
				return true, nil
			}
		}
	}
	return false, nil
}
