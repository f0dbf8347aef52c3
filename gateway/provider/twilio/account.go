package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"frontdesk/gateway/provider"
)

// AccountStatus asks Twilio for the channel's account, and so whether its
// credentials are good: active, suspended or closed. Every error is a
// *[provider.SendError].
func (s *Sender) AccountStatus(ctx context.Context, ch provider.Channel) (string, error) {
	req, err := s.request(ch, s.base(ch, s.cfg.BaseURL)+"/2010-04-01/Accounts/"+url.PathEscape(ch.Account)+".json", "application/json", "")
	if err != nil {
		return "", err
	}
	req.Method = http.MethodGet
	answer, err := s.client.Do(ctx, req)
	if err != nil {
		return "", err
	}
	if answer.Status/100 != 2 {
		return "", refusal(answer)
	}
	return readAccount(answer.Body)
}

func readAccount(body []byte) (string, error) {
	var in struct {
		Status string `json:"status"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Status == "" {
		return "", &provider.SendError{Reason: provider.Ambiguous, Err: errors.New("the answer tells of no account")}
	}
	return in.Status, nil
}
