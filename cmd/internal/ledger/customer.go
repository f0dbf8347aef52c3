package ledger

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Business is a tenant with one WhatsApp number, as the ledger's customers
// know it.
type Business struct {
	Slug          string
	PhoneNumberID string
	WABA          string
	AppSecret     string
	AccessToken   string
	BaseURL       string // of the provider that it sends through
	Debounce      time.Duration
	MarkRead      bool // whether messages are shown as read
}

// DefaultBusiness returns a business whose sends go to baseURL.
func DefaultBusiness(baseURL string) Business {
	return Business{
		Slug: "ledger", PhoneNumberID: "106540352242922", WABA: "102290129340398",
		AppSecret: "ledger-app-secret", AccessToken: "EAA-ledger", BaseURL: baseURL,
	}
}

// YAML returns the business as a file for frontdesk apply, with a few articles
// and a live key named "ledger" that may do all. The number is of Meta's faster
// kind, 1,000 messages a second.
func (b Business) YAML() []byte {
	return fmt.Appendf(nil, `business: {slug: %s, name: Ledger House, timezone: UTC, phone: "+15555550100", languages: [en], plan: enterprise}
channels:
  - {type: whatsapp, name: main, phone: "+15555550100", phone_number_id: %q, waba_id: %q,
     access_token: %s, app_secret: %s, verify_token: v3rify, base_url: %q, rate_per_second: 1000, mark_read: %t}
agents:
  - {name: Front desk, channels: [main], debounce: %s}
knowledge:
  - {title: Parking, content: "Free parking behind the building.", type: faq}
  - {title: Opening hours, content: "We are open Monday to Friday from 8 to 17.", type: faq}
  - {title: Wi-Fi, content: "Guests use the network Ledger, no password.", type: faq}
  - {title: Payment, content: "We take cash, cards and bank transfer.", type: faq}
keys:
  - {name: ledger, scopes: ["*"], mode: live}
`, b.Slug, b.PhoneNumberID, b.WABA, b.AccessToken, b.AppSecret, b.BaseURL, b.MarkRead, b.Debounce)
}

// Text is one text message of a customer.
type Text struct {
	From string    // digits of the customer's number
	ID   string    // provider's message id
	Body string    // what the customer writes, or the title of what is pressed
	Pick string    // id of the button or row that is pressed; empty: none
	Name string    // in the customer's profile; empty: one made of the number
	At   time.Time // provider's timestamp; the second is what travels
}

// Callback returns the body in which Meta would deliver texts, and the value
// of its X-Hub-Signature-256 header.
func (b Business) Callback(texts ...Text) (body []byte, signature string) {
	type object = map[string]any
	var contacts, messages []object
	for _, t := range texts {
		if t.Name == "" {
			t.Name = "Customer " + t.From
		}
		contacts = append(contacts, object{"profile": object{"name": t.Name}, "wa_id": t.From})
		m := object{"from": t.From, "id": t.ID, "type": "text", "timestamp": strconv.FormatInt(t.At.Unix(), 10), "text": object{"body": t.Body}}
		if t.Pick != "" {
			delete(m, "text")
			m["type"] = "interactive"
			m["interactive"] = object{"type": "button_reply", "button_reply": object{"id": t.Pick, "title": t.Body}}
		}
		messages = append(messages, m)
	}
	value := object{
		"messaging_product": "whatsapp",
		"metadata":          object{"display_phone_number": "15555550100", "phone_number_id": b.PhoneNumberID},
		"contacts":          contacts, "messages": messages,
	}
	body, _ = json.Marshal(object{
		"object": "whatsapp_business_account",
		"entry":  []object{{"id": b.WABA, "changes": []object{{"field": "messages", "value": value}}}},
	}) // maps of strings always marshal
	return body, b.Sign(body)
}

// Sign returns the signature header of body (providers' reference, 1.3).
func (b Business) Sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(b.AppSecret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Deliver posts texts to the system at baseURL as Meta would, and returns the
// HTTP status. An error means that no answer came: whether the callback was
// taken is then unknown.
func (b Business) Deliver(ctx context.Context, client *http.Client, baseURL string, texts ...Text) (int, error) {
	body, signature := b.Callback(texts...)
	return b.Post(ctx, client, baseURL, body, signature)
}

// Post posts body to the system at baseURL with the value of the signature's
// header, empty for none, and returns the HTTP status.
func (b Business) Post(ctx context.Context, client *http.Client, baseURL string, body []byte, signature string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+"/callbacks/whatsapp", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if signature != "" {
		req.Header.Set("X-Hub-Signature-256", signature)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // so that the connection is used again
	return res.StatusCode, nil
}
