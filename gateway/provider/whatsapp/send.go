package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Where the Graph API is, unless a channel says otherwise.
const (
	DefaultBaseURL    = "https://graph.facebook.com"
	DefaultAPIVersion = "v25.0"
)

// Config is what a [Sender] can be told. Start from [DefaultConfig].
type Config struct {
	// BaseURL is the scheme and host of the Graph API, for channels that name
	// none. Default https://graph.facebook.com.
	BaseURL string
	// APIVersion is the version in the path, for channels that name none.
	// Default v25.0.
	APIVersion string
	// Timeout bounds one request, answer included. Default 20 s.
	Timeout time.Duration
	// Transport makes the requests. nil is [http.DefaultTransport].
	Transport http.RoundTripper
}

// DefaultConfig returns the defaults.
func DefaultConfig() Config {
	return Config{BaseURL: DefaultBaseURL, APIVersion: DefaultAPIVersion, Timeout: 20 * time.Second}
}

// Validate reports what cannot work.
func (c Config) Validate() error {
	u, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return fmt.Errorf("base url of the Graph API: %q, want https://host", c.BaseURL)
	case c.APIVersion == "":
		return errors.New("version of the Graph API: empty, want v25.0 or the like")
	case c.Timeout <= 0:
		return errors.New("timeout of the Graph API: must be above zero")
	}
	return nil
}

// Sender sends through the Graph API. It is a [provider.Sender] and safe for
// concurrent use.
type Sender struct {
	cfg    Config
	client *provider.Client
}

// NewSender returns a sender. It does nothing until asked to send.
func NewSender(cfg Config) *Sender {
	return &Sender{cfg: cfg, client: provider.NewClient(cfg.Transport, cfg.Timeout)}
}

// Send implements [provider.Sender]. The message's ID travels as
// biz_opaque_callback_data and comes back as [ingest.Receipt.Correlation].
func (s *Sender) Send(ctx context.Context, ch provider.Channel, m ingest.Message) (provider.Sent, error) {
	body, err := encode(m)
	if err != nil {
		return provider.Sent{}, err
	}
	answer, err := s.post(ctx, ch, body)
	if err != nil {
		return provider.Sent{}, err
	}
	var ok struct {
		Messages []struct {
			ID     string `json:"id"`
			Status string `json:"message_status"`
		} `json:"messages"`
	}
	if answer.Cut || json.Unmarshal(answer.Body, &ok) != nil || len(ok.Messages) != 1 || ok.Messages[0].ID == "" {
		return provider.Sent{}, &provider.SendError{Reason: provider.Ambiguous, Err: fmt.Errorf("answered %d without a message id", answer.Status)}
	}
	if ok.Messages[0].Status == "paused" {
		return provider.Sent{}, &provider.SendError{Reason: provider.Rejected, Code: "paused", Err: errors.New("the template is paused")}
	}
	// Accepted only. That it was sent is for a status to say.
	return provider.Sent{ProviderID: ok.Messages[0].ID, Status: ingest.Sent}, nil
}

// MarkRead implements [provider.Sender].
func (s *Sender) MarkRead(ctx context.Context, ch provider.Channel, providerID string, typing bool) error {
	type indicator struct {
		Type string `json:"type"`
	}
	in := struct {
		Product string     `json:"messaging_product"`
		Status  string     `json:"status"`
		ID      string     `json:"message_id"`
		Typing  *indicator `json:"typing_indicator,omitempty"`
	}{Product: "whatsapp", Status: "read", ID: providerID}
	if typing {
		in.Typing = &indicator{"text"}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return provider.Rejectf("write the request: %w", err)
	}
	_, err = s.post(ctx, ch, body)
	return err
}

// post returns an answer of 2xx, or a *SendError.
func (s *Sender) post(ctx context.Context, ch provider.Channel, body []byte) (provider.Answer, error) {
	if ch.Ref == "" || ch.AccessToken == "" {
		return provider.Answer{}, &provider.SendError{Reason: provider.ChannelDown, Err: errors.New("the channel has no phone_number_id or no access_token")}
	}
	req, err := http.NewRequest(http.MethodPost, s.at(ch)+"/"+url.PathEscape(ch.Ref)+"/messages", bytes.NewReader(body))
	if err != nil {
		return provider.Answer{}, &provider.SendError{Reason: provider.ChannelDown, Err: errors.New("the channel's base_url is no URL")}
	}
	req.Header.Set("Authorization", "Bearer "+string(ch.AccessToken))
	req.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(ctx, req)
	if err != nil {
		return answer, err
	}
	if answer.Status/100 != 2 {
		return answer, refusal(answer)
	}
	return answer, nil
}

// refusal explains an answer outside 2xx: by Meta's code where it gives one
// that the table knows, else by the HTTP status.
func refusal(a provider.Answer) *provider.SendError {
	var in struct {
		Error *struct {
			Code    json.Number `json:"code"`
			Message string      `json:"message"`
			Data    struct {
				Details string `json:"details"`
			} `json:"error_data"`
		} `json:"error"`
	}
	known := json.Unmarshal(a.Body, &in) == nil && in.Error != nil && in.Error.Code != ""
	e := &provider.SendError{Err: fmt.Errorf("answered %d", a.Status)}
	verdict := a.Refusal(known)
	if known {
		e.Code = string(in.Error.Code)
		e.Said = ingest.ProviderError{Code: e.Code, Title: in.Error.Message, Detail: in.Error.Data.Details}
		if v, ok := Classify(e.Code); ok {
			verdict = v
		}
		if _, err := strconv.Atoi(e.Code); err != nil {
			e.Code = "" // not for a log
		}
	}
	e.Reason, e.Scope, e.Category, e.RetryAfter = verdict.Reason, verdict.Scope, verdict.Category, verdict.RetryAfter
	if wait := a.RetryAfter(time.Now()); wait > 0 && e.Retryable() {
		e.RetryAfter = wait
	}
	return e
}
