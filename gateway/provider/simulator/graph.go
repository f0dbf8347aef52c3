package simulator

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

const (
	maxRequest     = 256 << 10
	maxMedia       = 5 << 20
	requestTimeout = 10 * time.Second
	// typingFor is how long Meta shows that the business is writing.
	typingFor = 25 * time.Second
)

// graphError is a refusal in Meta's form.
type graphError struct {
	status int
	code   int
	detail string
}

func (e *graphError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.detail) }

func badParameter(detail string) error { return &graphError{http.StatusBadRequest, 131009, detail} }

// ServeGraph is the Graph API as far as a messaging client needs it, under
// [GraphPath]: POST {version}/{phone_number_id}/messages and /media, GET
// {version}/{media_id} and {version}/{media_id}/file.
func (s *Simulator) ServeGraph(req *fasthttp.RequestCtx) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	err := s.graph(ctx, req)
	var refused *graphError
	switch {
	case err == nil:
	case errors.As(err, &refused):
		answerGraphError(req, refused)
	default:
		s.warn(ctx, "answer as the Graph API", err)
		answerGraphError(req, &graphError{http.StatusInternalServerError, 131000, "the simulator could not take the request"})
	}
}

func (s *Simulator) graph(ctx context.Context, req *fasthttp.RequestCtx) error {
	path := strings.Split(strings.Trim(strings.TrimPrefix(string(req.Path()), GraphPath), "/"), "/")
	switch method := string(req.Method()); {
	case method == http.MethodPost && len(path) == 3 && path[2] == "messages":
		ch, err := s.graphChannel(ctx, req, path[1])
		if err != nil {
			return err
		}
		return s.graphSend(ctx, req, ch)
	case method == http.MethodPost && len(path) == 3 && path[2] == "media":
		ch, err := s.graphChannel(ctx, req, path[1])
		if err != nil {
			return err
		}
		return s.graphUpload(ctx, req, ch)
	case method == http.MethodGet && (len(path) == 2 || len(path) == 3 && path[2] == "file"):
		return s.graphMedia(ctx, req, path[1], len(path) == 3)
	}
	return &graphError{http.StatusNotFound, 100, "Unsupported request: " + string(req.Method()) + " is not known here"}
}

// graphChannel returns the channel that the path names, if the request bears
// its token.
func (s *Simulator) graphChannel(ctx context.Context, req *fasthttp.RequestCtx, ref string) (provider.Channel, error) {
	ch, known, err := s.directory.ByRef(ctx, provider.WhatsApp, ref)
	if err != nil {
		return ch, err
	}
	token := strings.TrimPrefix(string(req.Request.Header.Peek("Authorization")), "Bearer ")
	if !known || ch.AccessToken == "" || subtle.ConstantTimeCompare([]byte(token), []byte(ch.AccessToken)) != 1 {
		return ch, &graphError{http.StatusUnauthorized, 190, "the token is not that of the phone number"}
	}
	return ch, nil
}

func (s *Simulator) graphSend(ctx context.Context, req *fasthttp.RequestCtx, ch provider.Channel) error {
	body, err := edge.ReadBody(req, maxRequest)
	if err != nil {
		return &graphError{http.StatusRequestEntityTooLarge, 100, "the body is too large or was cut"}
	}
	in, err := parseGraph(body)
	if err != nil {
		return err
	}
	if in.Status == "read" {
		return s.graphRead(ctx, req, ch, in)
	}
	phone, to, err := s.graphRecipient(ctx, ch, in)
	if err != nil {
		return err
	}
	content, err := in.content()
	if err != nil {
		return err
	}
	m := Message{ProviderID: newProviderID(ch), Content: content, ReplyTo: in.Context.MessageID}
	return s.take(ctx, req, ch, phone, m, back{correlation: in.Callback}, func() any {
		contact := object{"input": to}
		if in.To == "" {
			contact["user_id"] = to
		} else {
			contact["wa_id"] = strings.TrimPrefix(phone, "+")
		}
		out := object{"id": m.ProviderID}
		if content.Type == ingest.Templated {
			out["message_status"] = "accepted"
		}
		return object{"messaging_product": "whatsapp", "contacts": []object{contact}, "messages": []object{out}}
	})
}

// graphRecipient returns the phone of whom the request is for, and their name
// as the request has it.
func (s *Simulator) graphRecipient(ctx context.Context, ch provider.Channel, in graphRequest) (phone, to string, err error) {
	if in.To != "" {
		if phone = onlyDigits(in.To); !e164(phone) {
			return "", "", badParameter("to: want a phone number with country code")
		}
		return phone, in.To, nil
	}
	if in.Recipient == "" {
		return "", "", &graphError{http.StatusBadRequest, 100, "The parameter to is required."}
	}
	c, err := s.store.byUserID(ctx, ch.Tenant, ch.ID, in.Recipient)
	if errors.Is(err, ErrNotFound) {
		return "", "", &graphError{http.StatusBadRequest, 131026, "nobody here has this user id"}
	}
	return c.Phone, in.Recipient, err
}

func (s *Simulator) graphRead(ctx context.Context, req *fasthttp.RequestCtx, ch provider.Channel, in graphRequest) error {
	typing := time.Duration(0)
	if in.Typing != nil {
		typing = typingFor
	}
	err := s.store.markRead(ctx, ch.Tenant, in.MessageID, typing)
	if errors.Is(err, ErrNotFound) {
		return badParameter("message_id: there is no such message")
	}
	if err != nil {
		return err
	}
	answer(req, http.StatusOK, object{"success": true})
	return nil
}

// back is what a sender wants with the receipts: Meta gives back what was sent
// along, Twilio calls where it was told to.
type back struct{ correlation, path string }

// take ends a send as the recipient's number says: it stores the message with
// its receipts, or refuses it, and answers or does not.
func (s *Simulator) take(ctx context.Context, req *fasthttp.RequestCtx, ch provider.Channel, phone string, m Message, with back, ok func() any) error {
	end := endingOf(phone)
	if refused := s.refused(ch, phone, end); refused != nil {
		if refused.status == http.StatusTooManyRequests {
			req.Response.Header.Set("Retry-After", strconv.Itoa(int(patienceAsked/time.Second)))
		}
		if ch.Type == provider.WhatsApp {
			return &graphError{refused.status, refused.code, graphErrors[refused.code] + "."}
		}
		return &twilioError{refused.status, refused.code}
	}
	if end.cut {
		cut(req)
		return nil
	}
	if err := s.keep(ctx, ch, phone, m, with, end.receipts); err != nil {
		return err
	}
	switch {
	case end.hang:
		s.hang()
		cut(req)
	case end.garbage:
		req.SetContentType("text/html")
		req.SetBodyString("<html><body>Bad gateway, presumably</body></html>")
	case ch.Type == provider.WhatsApp:
		answer(req, http.StatusOK, ok())
	default:
		answer(req, http.StatusCreated, ok())
	}
	return nil
}

func (s *Simulator) refused(ch provider.Channel, phone string, end ending) *failure {
	if end.refuse != nil {
		if f := end.refuse(kindOf(ch)); f.code != 0 {
			return &f
		}
	}
	if end.throttle && s.throttled.refuse(string(ch.ID)+phone, s.now()) {
		return &failure{http.StatusTooManyRequests, codes(130429, 20429, 20429)(kindOf(ch))}
	}
	return nil
}

// keep stores a message to a customer, who is made if need be, and the receipts
// to come.
func (s *Simulator) keep(ctx context.Context, ch provider.Channel, phone string, m Message, with back, receipts []receipt) error {
	c, err := s.store.join(ctx, ch.Tenant, ch.ID, phone, "")
	if err != nil {
		return err
	}
	m.ID, m.At, m.Status = ingest.NewID(ingest.PrefixMessage, s.now()), s.now().UTC(), ingest.Queued
	var calls []callback
	for _, r := range receipts {
		if r.status == ingest.Read && isSMS(ch) {
			continue // a carrier does not tell
		}
		code := ""
		if r.code != nil {
			code = strconv.Itoa(r.code(kindOf(ch)))
			m.Code = code
		}
		call, err := receiptCall(ch, c, m, with, r.status, code, m.At.Add(r.after(s.config)))
		if err != nil {
			return err
		}
		calls = append(calls, call)
	}
	_, err = s.store.add(ctx, ch.Tenant, c, m, with.correlation, calls)
	s.nudge()
	return err
}

// hang waits as a provider does that has taken a message and died.
func (s *Simulator) hang() {
	timer := time.NewTimer(s.config.Hang)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.stopped:
	}
}

// cut closes the connection without an answer.
func cut(req *fasthttp.RequestCtx) {
	req.HijackSetNoResponse(true)
	req.Hijack(func(c net.Conn) { _ = c.Close() })
}

func answer(req *fasthttp.RequestCtx, status int, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte("{}")
	}
	req.SetStatusCode(status)
	req.SetContentType(jsonType)
	req.SetBody(raw)
}

func answerGraphError(req *fasthttp.RequestCtx, e *graphError) {
	answer(req, e.status, object{"error": object{
		"message": fmt.Sprintf("(#%d) %s", e.code, graphErrors[e.code]), "type": "OAuthException", "code": e.code,
		"error_data": object{"messaging_product": "whatsapp", "details": e.detail}, "fbtrace_id": trace(),
	}})
}

func trace() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return "A" + base64.RawURLEncoding.EncodeToString(b[:])
}

// graphUpload keeps a file that the business will send.
func (s *Simulator) graphUpload(ctx context.Context, req *fasthttp.RequestCtx, ch provider.Channel) error {
	body, err := edge.ReadBody(req, maxMedia+maxRequest)
	if err != nil {
		return &graphError{http.StatusRequestEntityTooLarge, 100, "the file is larger than 5 MB"}
	}
	mime, file, ok := formFile(string(req.Request.Header.MultipartFormBoundary()), body)
	if !ok || len(file) > maxMedia {
		return &graphError{http.StatusBadRequest, 100, "want multipart with file and type, at most 5 MB"}
	}
	id, err := s.PutMedia(ctx, ch.Tenant, mime, file)
	if err != nil {
		return err
	}
	answer(req, http.StatusOK, object{"id": id})
	return nil
}

func formFile(boundary string, body []byte) (mime string, file []byte, ok bool) {
	if boundary == "" {
		return "", nil, false
	}
	form := multipart.NewReader(strings.NewReader(string(body)), boundary)
	for {
		part, err := form.NextPart()
		if err != nil {
			return mime, file, file != nil
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return "", nil, false
		}
		switch part.FormName() {
		case "file":
			file = content
			if mime == "" {
				mime = part.Header.Get("Content-Type")
			}
		case "type":
			mime = string(content)
		}
	}
}

// graphMedia answers what a file is, or the whole of it. An id tells nothing of its
// tenant, so the token must name the channel: the one that the query names.
func (s *Simulator) graphMedia(ctx context.Context, req *fasthttp.RequestCtx, id string, whole bool) error {
	ch, err := s.graphChannel(ctx, req, string(req.QueryArgs().Peek("phone_number_id")))
	if err != nil {
		return err
	}
	mime, body, err := s.store.media(ctx, ch.Tenant, id)
	if errors.Is(err, ErrNotFound) {
		return &graphError{http.StatusNotFound, 100, "there is no such file"}
	}
	if err != nil {
		return err
	}
	if whole {
		req.SetContentType(mime)
		req.Response.Header.Set("X-Content-Type-Options", "nosniff")
		req.SetBody(body)
		return nil
	}
	sum := sha256.Sum256(body)
	link := fmt.Sprintf("%s%s/v25.0/%s/file?phone_number_id=%s", s.config.CallbackURL, GraphPath, id, ch.Ref)
	answer(req, http.StatusOK, object{
		"messaging_product": "whatsapp", "url": link, "mime_type": mime,
		"sha256": hex.EncodeToString(sum[:]), "file_size": strconv.Itoa(len(body)), "id": id,
	})
	return nil
}

// PutMedia keeps a file and returns its id, which looks like Meta's.
func (s *Simulator) PutMedia(ctx context.Context, tenant ingest.TenantID, mime string, body []byte) (string, error) {
	if len(body) == 0 || len(body) > maxMedia {
		return "", invalid("file: want 1 byte to 5 MB")
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	id := strconv.FormatUint(binary.BigEndian.Uint64(b[:])>>13+1e15, 10)
	return id, s.store.putMedia(ctx, tenant, id, mime, body)
}

// Media returns a file, or ErrNotFound.
func (s *Simulator) Media(ctx context.Context, tenant ingest.TenantID, id string) (mime string, body []byte, err error) {
	return s.store.media(ctx, tenant, id)
}

// File returns a file as a message has it, or ErrNotFound.
func (s *Simulator) File(ctx context.Context, tenant ingest.TenantID, id string) (ingest.Media, error) {
	mime, body, err := s.store.media(ctx, tenant, id)
	if err != nil {
		return ingest.Media{}, err
	}
	sum := sha256.Sum256(body)
	return ingest.Media{
		ID: id, URL: s.config.PublicURL + "/simulator/api/media/" + id, MIME: mime, SHA256: base64.StdEncoding.EncodeToString(sum[:]),
	}, nil
}
