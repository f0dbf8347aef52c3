package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Where Twilio's API is, unless a channel says otherwise.
const (
	DefaultBaseURL   = "https://api.twilio.com"
	messagingBaseURL = "https://messaging.twilio.com" // typing indicators
)

// Config is what a [Sender] can be told. Start from [DefaultConfig].
type Config struct {
	// BaseURL is the scheme and host of the API, for channels that name none.
	// Default https://api.twilio.com.
	BaseURL string
	// StatusCallback is the public URL that Twilio reports statuses to. The
	// message's ID is added to its query as "message". Empty means that
	// nothing is reported.
	StatusCallback string
	// Validity is how long Twilio may try to deliver, to the second, at most
	// 10 hours. Zero leaves it to Twilio.
	Validity time.Duration
	// Timeout bounds one request, answer included. Default 20 s.
	Timeout time.Duration
	// Transport makes the requests. nil is [http.DefaultTransport].
	Transport http.RoundTripper
}

// DefaultConfig returns the defaults, which lack StatusCallback.
func DefaultConfig() Config {
	return Config{BaseURL: DefaultBaseURL, Timeout: 20 * time.Second}
}

// Validate reports what cannot work.
func (c Config) Validate() error {
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return fmt.Errorf("base url of Twilio: %q, want https://host", c.BaseURL)
	case c.Timeout <= 0:
		return errors.New("timeout of Twilio: must be above zero")
	case c.Validity < 0 || c.Validity > 10*time.Hour:
		return fmt.Errorf("validity of SMS: %v, want at most 10h", c.Validity)
	}
	return nil
}

// Sender sends through Twilio. It is a [provider.Sender] and safe for
// concurrent use.
type Sender struct {
	cfg    Config
	client *provider.Client
}

// NewSender returns a sender. It does nothing until asked to send.
func NewSender(cfg Config) *Sender {
	return &Sender{cfg: cfg, client: provider.NewClient(cfg.Transport, cfg.Timeout)}
}

// Send implements [provider.Sender]. Buttons, lists and, on SMS, places go as
// [provider.PlainText]. A template is named by its ContentSid ("HX…") and its
// components are the ContentVariables.
func (s *Sender) Send(ctx context.Context, ch provider.Channel, m ingest.Message) (provider.Sent, error) {
	form, err := s.form(ch, m)
	if err != nil {
		return provider.Sent{}, err
	}
	req, err := s.request(ch, s.base(ch, s.cfg.BaseURL)+"/2010-04-01/Accounts/"+url.PathEscape(ch.Account)+"/Messages.json",
		"application/x-www-form-urlencoded", form.Encode())
	if err != nil {
		return provider.Sent{}, err
	}
	answer, err := s.client.Do(ctx, req)
	if err != nil {
		return provider.Sent{}, err
	}
	if answer.Status/100 != 2 {
		return provider.Sent{}, refusal(answer)
	}
	var ok struct {
		SID string `json:"sid"`
	}
	if answer.Cut || json.Unmarshal(answer.Body, &ok) != nil || ok.SID == "" {
		return provider.Sent{}, &provider.SendError{Reason: provider.Ambiguous, Err: fmt.Errorf("answered %d without a sid", answer.Status)}
	}
	return provider.Sent{ProviderID: ok.SID, Status: ingest.Sent}, nil // accepted; the rest is for its status callbacks
}

// MarkRead implements [provider.Sender]. Only WhatsApp knows it, and only
// together with typing.
func (s *Sender) MarkRead(ctx context.Context, ch provider.Channel, providerID string, typing bool) error {
	if !typing || !strings.HasPrefix(ch.Ref, whatsAppPrefix) {
		return nil
	}
	body, err := json.Marshal(map[string]string{"channel": "WHATSAPP", "messageId": providerID})
	if err != nil {
		return provider.Rejectf("write the request: %w", err)
	}
	req, err := s.request(ch, s.base(ch, messagingBaseURL)+"/v3/Indicators/Typing.json", "application/json", string(body))
	if err != nil {
		return err
	}
	answer, err := s.client.Do(ctx, req)
	if err != nil {
		return err
	}
	if answer.Status/100 != 2 {
		return refusal(answer)
	}
	return nil
}

// base is where a request of ch goes. A BaseURL that is not Twilio's own (a
// proxy, a test) stands for all of its hosts.
func (s *Sender) base(ch provider.Channel, otherwise string) string {
	switch {
	case ch.BaseURL != "":
		return strings.TrimRight(ch.BaseURL, "/")
	case s.cfg.BaseURL != DefaultBaseURL:
		return strings.TrimRight(s.cfg.BaseURL, "/")
	}
	return otherwise
}

func (s *Sender) request(ch provider.Channel, target, contentType, body string) (*http.Request, error) {
	if ch.Account == "" || ch.AuthToken == "" || ch.Ref == "" {
		return nil, &provider.SendError{Reason: provider.ChannelDown, Err: errors.New("the channel has no account_sid, no auth_token or no number")}
	}
	req, err := http.NewRequest(http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		return nil, &provider.SendError{Reason: provider.ChannelDown, Err: errors.New("the channel's base_url is no URL")}
	}
	req.SetBasicAuth(ch.Account, string(ch.AuthToken))
	req.Header.Set("Content-Type", contentType)
	return req, nil
}

// refusal explains an answer outside 2xx: by Twilio's code where it gives one
// that the table knows, else by the HTTP status.
func refusal(a provider.Answer) *provider.SendError {
	var in struct {
		Code    json.Number `json:"code"`
		Message string      `json:"message"`
	}
	known := json.Unmarshal(a.Body, &in) == nil && in.Code != ""
	e := &provider.SendError{Err: fmt.Errorf("answered %d", a.Status)}
	verdict := a.Refusal(known)
	if known {
		e.Said = ingest.ProviderError{Code: string(in.Code), Title: in.Message}
		if v, ok := Classify(string(in.Code)); ok {
			verdict = v
		}
		if _, err := strconv.Atoi(string(in.Code)); err == nil {
			e.Code = string(in.Code)
		}
	}
	e.Reason, e.Scope, e.Category, e.RetryAfter = verdict.Reason, verdict.Scope, verdict.Category, verdict.RetryAfter
	if wait := a.RetryAfter(time.Now()); wait > 0 && e.Retryable() {
		e.RetryAfter = wait
	}
	return e
}
