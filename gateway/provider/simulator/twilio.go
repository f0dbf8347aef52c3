package simulator

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// twilioError is a refusal in Twilio's form.
type twilioError struct {
	status int
	code   int
}

func (e *twilioError) Error() string { return fmt.Sprintf("%d: %s", e.code, twilioErrors[e.code]) }

// ServeTwilio is Twilio's API as far as a messaging client needs it, under
// [TwilioPath]: POST 2010-04-01/Accounts/{AccountSid}/Messages.json and
// v3/Indicators/Typing.json.
func (s *Simulator) ServeTwilio(req *fasthttp.RequestCtx) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	err := s.twilio(ctx, req)
	var refused *twilioError
	switch {
	case err == nil:
		return
	case errors.As(err, &refused):
	default:
		s.warn(ctx, "answer as Twilio", err)
		refused = &twilioError{http.StatusInternalServerError, 20500}
	}
	answer(req, refused.status, object{
		"code": refused.code, "message": twilioErrors[refused.code], "status": refused.status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(refused.code),
	})
}

func (s *Simulator) twilio(ctx context.Context, req *fasthttp.RequestCtx) error {
	body, err := edge.ReadBody(req, maxRequest)
	if err != nil {
		return &twilioError{http.StatusBadRequest, 21617}
	}
	path := strings.Split(strings.Trim(strings.TrimPrefix(string(req.Path()), TwilioPath), "/"), "/")
	switch {
	case string(req.Method()) != http.MethodPost:
	case len(path) == 4 && path[1] == "Accounts" && path[3] == "Messages.json":
		return s.twilioMessages(ctx, req, path[2], body)
	case strings.Join(path, "/") == "v3/Indicators/Typing.json":
		return s.twilioTyping(ctx, req, body)
	}
	return &twilioError{http.StatusNotFound, 20404}
}

func (s *Simulator) twilioMessages(ctx context.Context, req *fasthttp.RequestCtx, account string, body []byte) error {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return &twilioError{http.StatusBadRequest, 21602}
	}
	from := form.Get("From")
	if from == "" {
		from = form.Get("MessagingServiceSid")
	}
	ch, known, err := s.directory.ByRef(ctx, provider.Twilio, from)
	switch {
	case err != nil:
		return err
	case !known || ch.Account != account || !twilioAuthorized(req, ch):
		return &twilioError{http.StatusUnauthorized, 20003}
	}
	return s.twilioSend(ctx, req, ch, form)
}

// twilioTyping shows that the business has read a message and is writing. The
// request names no channel, so the account's are gone through.
func (s *Simulator) twilioTyping(ctx context.Context, req *fasthttp.RequestCtx, body []byte) error {
	var in struct {
		Message string `json:"messageId"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return &twilioError{http.StatusBadRequest, 21602}
	}
	account, _, _ := strings.Cut(basicAuth(req), ":")
	list, err := s.directory.ByAccount(ctx, provider.Twilio, account)
	if err != nil {
		return err
	}
	for _, ch := range list {
		if !twilioAuthorized(req, ch) {
			continue
		}
		err := s.store.markRead(ctx, ch.Tenant, in.Message, typingFor)
		if errors.Is(err, ErrNotFound) {
			return &twilioError{http.StatusNotFound, 20404}
		}
		answer(req, http.StatusOK, object{"success": true})
		return err
	}
	return &twilioError{http.StatusUnauthorized, 20003}
}

func basicAuth(req *fasthttp.RequestCtx) string {
	given, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(req.Request.Header.Peek("Authorization")), "Basic "))
	if err != nil {
		return ""
	}
	return string(given)
}

// twilioAuthorized reports whether the request bears the channel's account and
// token.
func twilioAuthorized(req *fasthttp.RequestCtx, ch provider.Channel) bool {
	want := ch.Account + ":" + string(ch.AuthToken)
	return ch.AuthToken != "" && subtle.ConstantTimeCompare([]byte(basicAuth(req)), []byte(want)) == 1
}

func (s *Simulator) twilioSend(ctx context.Context, req *fasthttp.RequestCtx, ch provider.Channel, form url.Values) error {
	phone := onlyDigits(form.Get("To"))
	content, err := twilioContent(form)
	switch {
	case !e164(phone):
		return &twilioError{http.StatusBadRequest, 21211}
	case err != nil:
		return err
	}
	m := Message{ProviderID: newProviderID(ch), Content: content}
	return s.take(ctx, req, ch, phone, m, back{path: s.statusPath(form.Get("StatusCallback"))}, func() any {
		uri := "/2010-04-01/Accounts/" + ch.Account + "/Messages/" + m.ProviderID
		now := s.now().UTC().Format(time.RFC1123Z)
		status, segments := "queued", "1"
		var from any = form.Get("From")
		if form.Get("From") == "" {
			status, segments, from = "accepted", "0", nil
		}
		var service any
		if sid := form.Get("MessagingServiceSid"); sid != "" {
			service = sid
		}
		return object{
			"account_sid": ch.Account, "api_version": "2010-04-01", "body": content.Text, "date_created": now, "date_sent": nil,
			"date_updated": now, "direction": "outbound-api", "error_code": nil, "error_message": nil, "from": from,
			"messaging_service_sid": service, "num_media": strconv.Itoa(len(content.Media)), "num_segments": segments,
			"price": nil, "price_unit": "USD", "sid": m.ProviderID, "status": status, "to": form.Get("To"), "uri": uri + ".json",
			"subresource_uris": object{"media": uri + "/Media.json"},
		}
	})
}

// statusPath is where the sender wants its status callbacks. They go to the
// gateway's own path and nowhere else, with the query that was asked for.
func (s *Simulator) statusPath(callback string) string {
	rest, ours := strings.CutPrefix(callback, s.config.PublicURL+twilioStatusPath)
	if u, err := url.Parse(rest); ours && err == nil && u.Path == "" && u.RawQuery != "" {
		return twilioStatusPath + "?" + u.RawQuery
	}
	return twilioStatusPath
}

// twilioContent returns what the form sends, or a *twilioError where Twilio
// would refuse it.
func twilioContent(form url.Values) (ingest.Content, error) {
	text := provider.StorableText(form.Get("Body"))
	switch sid := form.Get("ContentSid"); {
	case sid != "":
		variables := form.Get("ContentVariables")
		if variables == "" || !json.Valid([]byte(variables)) {
			variables = "null"
		}
		t := &ingest.Template{Name: provider.StorableText(sid), Components: provider.Carry([]byte(variables))}
		return ingest.Content{Type: ingest.Templated, Template: t}, nil
	case utf8.RuneCountInString(text) > 1600:
		return ingest.Content{}, &twilioError{http.StatusBadRequest, 21617}
	case len(form["MediaUrl"]) > 0:
		c := ingest.Content{Type: ingest.Image, Text: text}
		for _, link := range form["MediaUrl"] {
			c.Media = append(c.Media, ingest.Media{URL: provider.StorableText(link)})
		}
		return c, nil
	case form.Get("PersistentAction") != "":
		return pinned(form.Get("PersistentAction"), text), nil
	case text == "":
		return ingest.Content{}, &twilioError{http.StatusBadRequest, 21602}
	}
	return ingest.Content{Type: ingest.Text, Text: text}, nil
}

// pinned reads a location as Twilio has it: "geo:17.5,-88.2|label".
func pinned(action, text string) ingest.Content {
	at, label, _ := strings.Cut(strings.TrimPrefix(action, "geo:"), "|")
	latitude, longitude, _ := strings.Cut(at, ",")
	pin := &ingest.Location{Name: provider.StorableText(label)}
	if pin.Name == "" {
		pin.Name = text
	}
	pin.Latitude, _ = coordinate(latitude) // zero where it is none: Twilio looks no closer
	pin.Longitude, _ = coordinate(longitude)
	return ingest.Content{Type: ingest.LocationPin, Text: text, Location: pin}
}
