package simulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// callback is one call to the gateway, not yet signed.
type callback struct {
	tenant      ingest.TenantID
	id          string
	message     string // in the simulator, whose status it changes
	channel     ingest.ChannelID
	path        string
	contentType string
	body        []byte
	status      ingest.Status // of the message once this is delivered
	attempts    int
	due         time.Time
}

// Where the gateway takes callbacks.
const (
	whatsAppPath     = "/callbacks/whatsapp"
	twilioPath       = "/callbacks/twilio"
	twilioStatusPath = "/callbacks/twilio/status"
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

// inboundCall is the callback that tells of what a customer wrote.
func inboundCall(ch provider.Channel, c Customer, m Message) (callback, error) {
	if ch.Type == provider.WhatsApp {
		body, err := graphMessage(ch, c, m)
		return callback{path: whatsAppPath, contentType: jsonType, body: body, status: ingest.Delivered}, err
	}
	return callback{path: twilioPath, contentType: formType, body: []byte(twilioMessage(ch, c, m).Encode()), status: ingest.Delivered}, nil
}

// receiptCall is the callback that tells of a message's status at a moment.
func receiptCall(ch provider.Channel, c Customer, m Message, with back, status ingest.Status, code string, at time.Time) (callback, error) {
	if ch.Type == provider.WhatsApp {
		body, err := graphStatus(ch, c, m, with.correlation, status, code, at)
		return callback{path: whatsAppPath, contentType: jsonType, body: body, status: status, due: at}, err
	}
	form := twilioStatus(ch, c, m, status, code)
	return callback{path: with.path, contentType: formType, body: []byte(form.Encode()), status: status, due: at}, nil
}

type object = map[string]any

// graphEnvelope is Meta's envelope around one change.
func graphEnvelope(ch provider.Channel, c Customer, what string, item object) ([]byte, error) {
	value := object{
		"messaging_product": "whatsapp",
		"metadata":          object{"display_phone_number": strings.TrimPrefix(ch.Phone, "+"), "phone_number_id": ch.Ref},
		"contacts":          []object{{"profile": object{"name": c.Name}, "wa_id": digits(c), "user_id": c.UserID}},
		what:                []object{item},
	}
	return json.Marshal(object{
		"object": "whatsapp_business_account",
		"entry":  []object{{"id": ch.Account, "changes": []object{{"field": "messages", "value": value}}}},
	})
}

func digits(c Customer) string { return strings.TrimPrefix(c.Phone, "+") }

func graphMessage(ch provider.Channel, c Customer, m Message) ([]byte, error) {
	item := object{
		"from": digits(c), "from_user_id": c.UserID, "id": m.ProviderID,
		"timestamp": strconv.FormatInt(m.At.Unix(), 10), "frontdesk_test": true,
	}
	if m.ReplyTo != "" {
		item["context"] = object{"from": strings.TrimPrefix(ch.Phone, "+"), "id": m.ReplyTo}
	}
	kind := string(m.Content.Type)
	item["type"], item[kind] = kind, graphContent(m.Content)
	return graphEnvelope(ch, c, "messages", item)
}

func graphContent(c ingest.Content) object {
	switch c.Type {
	case ingest.Interactive:
		choice := object{"id": c.Selection.ID, "title": c.Selection.Title}
		if c.Selection.Description != "" {
			choice["description"] = c.Selection.Description
		}
		kind := c.Selection.Kind + "_reply"
		return object{"type": kind, kind: choice}
	case ingest.Image:
		file := object{"id": c.Media[0].ID, "mime_type": c.Media[0].MIME, "sha256": c.Media[0].SHA256}
		if c.Text != "" {
			file["caption"] = c.Text
		}
		return file
	case ingest.LocationPin:
		pin := object{"latitude": c.Location.Latitude, "longitude": c.Location.Longitude}
		if c.Location.Name != "" {
			pin["name"] = c.Location.Name
		}
		if c.Location.Address != "" {
			pin["address"] = c.Location.Address
		}
		return pin
	case ingest.Reacted:
		reaction := object{"message_id": c.Reaction.ProviderID}
		if c.Reaction.Emoji != "" {
			reaction["emoji"] = c.Reaction.Emoji
		}
		return reaction
	}
	return object{"body": c.Text}
}

func graphStatus(ch provider.Channel, c Customer, m Message, correlation string, status ingest.Status, code string, at time.Time) ([]byte, error) {
	item := object{
		"id": m.ProviderID, "status": string(status), "timestamp": strconv.FormatInt(at.Unix(), 10),
		"recipient_id": digits(c), "recipient_user_id": c.UserID, "frontdesk_test": true,
	}
	if correlation != "" {
		item["biz_opaque_callback_data"] = correlation
	}
	if status == ingest.Sent || status == ingest.Delivered {
		item["pricing"] = object{"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"}
	}
	if code != "" {
		number, _ := strconv.Atoi(code) // ours, from the table of magic numbers
		item["errors"] = []object{{
			"code": number, "title": graphErrors[number], "message": graphErrors[number], "error_data": object{"details": graphErrors[number] + "."},
			"href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
		}}
	}
	return graphEnvelope(ch, c, "statuses", item)
}

// twilioParties fills in who writes to whom.
func twilioParties(form url.Values, ch provider.Channel, from, to string) {
	if !isSMS(ch) {
		from, to = "whatsapp:"+strings.TrimPrefix(from, "whatsapp:"), "whatsapp:"+strings.TrimPrefix(to, "whatsapp:")
	}
	form.Set("From", from)
	form.Set("To", to)
	form.Set("AccountSid", ch.Account)
	form.Set("ApiVersion", "2010-04-01")
	form.Set("FrontdeskTest", "1")
	if strings.HasPrefix(ch.Ref, "MG") {
		form.Set("MessagingServiceSid", ch.Ref)
	}
}

func twilioMessage(ch provider.Channel, c Customer, m Message) url.Values {
	form := url.Values{}
	twilioParties(form, ch, c.Phone, ch.Phone)
	for _, name := range []string{"MessageSid", "SmsSid", "SmsMessageSid"} {
		form.Set(name, m.ProviderID)
	}
	form.Set("SmsStatus", "received")
	form.Set("NumSegments", "1")
	form.Set("Body", m.Content.Text)
	form.Set("NumMedia", strconv.Itoa(len(m.Content.Media)))
	for i, file := range m.Content.Media {
		form.Set("MediaUrl"+strconv.Itoa(i), file.URL)
		form.Set("MediaContentType"+strconv.Itoa(i), file.MIME)
	}
	if isSMS(ch) {
		return form
	}
	form.Set("ProfileName", c.Name)
	form.Set("WaId", digits(c))
	form.Set("MessageType", "text")
	if m.ReplyTo != "" {
		form.Set("OriginalRepliedMessageSid", m.ReplyTo)
		form.Set("OriginalRepliedMessageSender", form.Get("To"))
	}
	if choice := m.Content.Selection; choice != nil {
		form.Set("MessageType", "button")
		form.Set("Body", choice.Title)
		form.Set("ButtonText", choice.Title)
		form.Set("ButtonPayload", choice.ID)
		form.Set("ButtonType", "REPLY")
	}
	if pin := m.Content.Location; pin != nil {
		form.Set("MessageType", "location")
		form.Set("Body", pin.Name)
		form.Set("Latitude", strconv.FormatFloat(pin.Latitude, 'f', -1, 64))
		form.Set("Longitude", strconv.FormatFloat(pin.Longitude, 'f', -1, 64))
		form.Set("Label", pin.Name)
		form.Set("Address", pin.Address)
	}
	return form
}

func twilioStatus(ch provider.Channel, c Customer, m Message, status ingest.Status, code string) url.Values {
	form := url.Values{}
	twilioParties(form, ch, ch.Phone, c.Phone)
	word := string(status)
	if status == ingest.Failed {
		word = "undelivered"
	}
	for _, name := range []string{"MessageStatus", "SmsStatus"} {
		form.Set(name, word)
	}
	for _, name := range []string{"MessageSid", "SmsSid"} {
		form.Set(name, m.ProviderID)
	}
	if code != "" {
		form.Set("ErrorCode", code)
	}
	if !isSMS(ch) {
		form.Set("EventType", strings.ToUpper(word))
		form.Set("ChannelPrefix", "whatsapp")
	}
	return form
}

// sign returns the header that proves the callback to be the channel's.
func sign(ch provider.Channel, publicURL string, c callback) (name, value string) {
	if ch.Type == provider.WhatsApp {
		mac := hmac.New(sha256.New, []byte(ch.AppSecret))
		mac.Write(c.body)
		return "X-Hub-Signature-256", "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	form, _ := url.ParseQuery(string(c.body)) // written by Encode
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	mac := hmac.New(sha1.New, []byte(ch.AuthToken))
	mac.Write([]byte(publicURL + c.path))
	for _, name := range names {
		mac.Write([]byte(name + form.Get(name)))
	}
	return "X-Twilio-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// newProviderID returns an id in the channel's provider's form.
func newProviderID(ch provider.Channel) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	if ch.Type == provider.WhatsApp {
		return "wamid.HBgLU0lNVUxBVE9SFQIAERgU" + base64.RawURLEncoding.EncodeToString(b[:])
	}
	return "SM" + hex.EncodeToString(b[:])
}

// userID is the business-scoped id that Meta would give the phone's owner.
func userID(tenant ingest.TenantID, phone string) string {
	sum := sha256.Sum256([]byte(string(tenant) + "|" + phone))
	var b strings.Builder
	b.WriteString("US.")
	for _, c := range sum[:20] {
		b.WriteByte('0' + c%10)
	}
	return b.String()
}
