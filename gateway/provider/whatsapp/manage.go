package whatsapp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"frontdesk/gateway/provider"
)

// Template is a message template as the Graph API has it. Words are Meta's in
// lower case.
type Template struct {
	ID              string
	Name            string
	Language        string
	Category        string
	Status          string
	Quality         string
	Reason          string
	ParameterFormat string
	Components      json.RawMessage
}

// wireTemplate is a template on the wire, in both directions.
type wireTemplate struct {
	ID              string          `json:"id,omitempty"`
	Name            string          `json:"name,omitempty"`
	Language        string          `json:"language,omitempty"`
	Category        string          `json:"category,omitempty"`
	Status          string          `json:"status,omitempty"`
	Reason          string          `json:"rejected_reason,omitempty"`
	ParameterFormat string          `json:"parameter_format,omitempty"`
	Components      json.RawMessage `json:"components,omitempty"`
	Quality         *struct {
		Score string `json:"score"`
	} `json:"quality_score,omitempty"`
}

func (w wireTemplate) template() Template {
	t := Template{
		ID: w.ID, Name: w.Name, Language: w.Language, Category: strings.ToLower(w.Category), Status: strings.ToLower(w.Status),
		Reason: w.Reason, ParameterFormat: strings.ToLower(w.ParameterFormat), Components: w.Components,
	}
	if w.Quality != nil {
		t.Quality = strings.ToLower(w.Quality.Score)
	}
	if t.Reason == "NONE" {
		t.Reason = ""
	}
	return t
}

// CreateTemplate asks Meta to approve t for the account of ch and returns it with
// the id, status and category that Meta answers. Every error is a
// *[provider.SendError].
func (s *Sender) CreateTemplate(ctx context.Context, ch provider.Channel, t Template) (Template, error) {
	body, err := json.Marshal(wireTemplate{
		Name: t.Name, Language: t.Language, Category: strings.ToUpper(t.Category), ParameterFormat: strings.ToUpper(t.ParameterFormat), Components: t.Components,
	})
	if err != nil {
		return t, provider.Rejectf("components are no JSON: %w", err)
	}
	answer, err := s.call(ctx, ch, http.MethodPost, url.PathEscape(ch.Account)+"/message_templates", body)
	if err != nil {
		return t, err
	}
	got, err := readCreated(answer.Body)
	if err != nil {
		return t, &provider.SendError{Reason: provider.Ambiguous, Err: err}
	}
	t.ID, t.Status = got.ID, got.Status
	if got.Category != "" {
		t.Category = got.Category
	}
	return t, nil
}

func readCreated(body []byte) (Template, error) {
	var w wireTemplate
	if err := json.Unmarshal(body, &w); err != nil || w.ID == "" || w.Status == "" {
		return Template{}, errors.New("the answer to a new template has no id and status")
	}
	return w.template(), nil
}

// DeleteTemplate removes a template at Meta. One that Meta does not have is no
// error.
func (s *Sender) DeleteTemplate(ctx context.Context, ch provider.Channel, t Template) error {
	query := url.Values{"name": {t.Name}}
	if t.ID != "" {
		query.Set("hsm_id", t.ID)
	}
	_, err := s.call(ctx, ch, http.MethodDelete, url.PathEscape(ch.Account)+"/message_templates?"+query.Encode(), nil)
	return err
}

// maxTemplatePages bounds a list: Meta allows 6,000 templates an account.
const maxTemplatePages = 60

// Templates lists the templates of ch's account.
func (s *Sender) Templates(ctx context.Context, ch provider.Channel) ([]Template, error) {
	var all []Template
	after := ""
	for range maxTemplatePages {
		query := url.Values{"limit": {"100"}, "fields": {"id,name,language,category,status,rejected_reason,quality_score,parameter_format,components"}}
		if after != "" {
			query.Set("after", after)
		}
		answer, err := s.call(ctx, ch, http.MethodGet, url.PathEscape(ch.Account)+"/message_templates?"+query.Encode(), nil)
		if err != nil {
			return nil, err
		}
		page, next, err := readTemplates(answer.Body)
		if err != nil {
			return nil, &provider.SendError{Reason: provider.Ambiguous, Err: err}
		}
		if all = append(all, page...); next == "" {
			return all, nil
		}
		after = next
	}
	return all, nil
}

// readTemplates returns a page and the cursor of the next, empty on the last.
// What has no name or language is left out.
func readTemplates(body []byte) ([]Template, string, error) {
	var in struct {
		Data   []wireTemplate `json:"data"`
		Paging struct {
			Next    string `json:"next"`
			Cursors struct {
				After string `json:"after"`
			} `json:"cursors"`
		} `json:"paging"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.Data == nil {
		return nil, "", errors.New("the answer is no list of templates")
	}
	var out []Template
	for _, w := range in.Data {
		if w.Name != "" && w.Language != "" {
			out = append(out, w.template())
		}
	}
	if in.Paging.Next == "" {
		return out, "", nil
	}
	return out, in.Paging.Cursors.After, nil
}

// Number is what Meta says of a business's number.
type Number struct {
	Phone   string // as displayed
	Name    string // verified
	Quality string // green, yellow, red; empty: not known
	Status  string // connected, banned …
}

// Number asks for the channel's number, and so whether its credentials are good.
// Every error is a *[provider.SendError].
func (s *Sender) Number(ctx context.Context, ch provider.Channel) (Number, error) {
	answer, err := s.call(ctx, ch, http.MethodGet, url.PathEscape(ch.Ref)+"?fields=display_phone_number,verified_name,quality_rating,status", nil)
	if err != nil {
		return Number{}, err
	}
	return readNumber(answer.Body)
}

func readNumber(body []byte) (Number, error) {
	var in struct {
		ID      string `json:"id"`
		Phone   string `json:"display_phone_number"`
		Name    string `json:"verified_name"`
		Quality string `json:"quality_rating"`
		Status  string `json:"status"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.ID == "" {
		return Number{}, &provider.SendError{Reason: provider.Ambiguous, Err: errors.New("the answer tells of no number")}
	}
	return Number{in.Phone, in.Name, strings.ToLower(in.Quality), strings.ToLower(in.Status)}, nil
}

// MediaURL asks where the file is that a message came with; the address is good
// for five minutes and needs the channel's token. Every error is a
// *[provider.SendError].
func (s *Sender) MediaURL(ctx context.Context, ch provider.Channel, id string) (string, error) {
	answer, err := s.call(ctx, ch, http.MethodGet, url.PathEscape(id)+"?phone_number_id="+url.QueryEscape(ch.Ref), nil)
	if err != nil {
		return "", err
	}
	return readMediaURL(answer.Body)
}

func readMediaURL(body []byte) (string, error) {
	var in struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(body, &in); err != nil || in.URL == "" {
		return "", &provider.SendError{Reason: provider.Ambiguous, Err: errors.New("the answer tells of no file")}
	}
	return in.URL, nil
}

// Base is where the Graph API is for the channel.
func (s *Sender) Base(ch provider.Channel) string {
	if ch.BaseURL != "" {
		return strings.TrimRight(ch.BaseURL, "/")
	}
	return strings.TrimRight(s.cfg.BaseURL, "/")
}

// call makes a request of the Graph API with the channel's token, below its
// version. An answer outside 2xx is a *[provider.SendError].
func (s *Sender) call(ctx context.Context, ch provider.Channel, method, path string, body []byte) (provider.Answer, error) {
	req, err := http.NewRequest(method, s.at(ch)+"/"+path, bytes.NewReader(body))
	if err != nil {
		return provider.Answer{}, &provider.SendError{Reason: provider.ChannelDown, Err: errors.New("the channel's base_url is no URL")}
	}
	req.Header.Set("Authorization", "Bearer "+string(ch.AccessToken))
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	answer, err := s.client.Do(ctx, req)
	switch {
	case err != nil:
		return answer, err
	case answer.Status/100 != 2:
		return answer, refusal(answer)
	case answer.Cut:
		return answer, &provider.SendError{Reason: provider.Ambiguous, Err: fmt.Errorf("the answer is cut or larger than %d bytes", provider.MaxAnswerBytes)}
	}
	return answer, nil
}

// at is where the Graph API is for the channel, with its version.
func (s *Sender) at(ch provider.Channel) string {
	version := ch.APIVersion
	if version == "" {
		version = s.cfg.APIVersion
	}
	return s.Base(ch) + "/" + url.PathEscape(version)
}
