package whatsapp

import (
	"strconv"

	"github.com/go-json-experiment/json"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// message adds w. raw is the whole of it as sent; without raw, a message of
// which the whole is needed is not added and message returns false.
func (p *parser) message(w *wireMessage, raw []byte) bool {
	m := p.envelope(&w.wireEnvelope)
	if m.ProviderID == "" && raw == nil {
		return false // it is told from others by all of it
	}
	content, ok := w.content()
	if !ok {
		if raw == nil {
			return false
		}
		content = ingest.Content{Type: ingest.Unsupported, Raw: provider.Carry(raw)}
	}
	content.Errors = providerErrors(w.Errors)
	m.Content = content
	if content.System != nil {
		m.Party = formerParty(content.System)
	}
	m.Referral = provider.Carry(w.Referral)
	if c := w.Context; c != nil {
		m.ReplyTo = string(c.ID)
		m.Forwarded = bool(c.Forwarded || c.FrequentlyForwarded)
		m.Product = provider.Carry(c.ReferredProduct)
	}
	for _, original := range []*wireOriginal{w.Edit, w.Revoke} {
		if original != nil && m.ReplyTo == "" {
			m.ReplyTo = string(original.MessageID)
		}
	}
	p.addMessage(m, raw)
	return true
}

// envelope returns a message with what says whose and when it is.
func (p *parser) envelope(w *wireEnvelope) *ingest.Message {
	return &ingest.Message{
		Provider: provider.WhatsApp, Direction: ingest.Inbound, ProviderID: provider.ID(string(w.ID)),
		Party: p.contacts.party(w.From, w.FromUserID, w.FromParentUserID),
		Group: string(w.GroupID), At: instant(w.Timestamp), Test: bool(w.Test),
	}
}

func (p *parser) addMessage(m *ingest.Message, raw []byte) {
	source := m.ProviderID
	if source == "" {
		source = digest(raw)
	}
	p.add(provider.Update{Source: source, Message: m})
}

// unreadable adds a message that is not what Meta documents, with as much as
// can be read of whose it is.
func (p *parser) unreadable(raw []byte) {
	var w wireEnvelope
	if fields, _, ok := members(raw); ok {
		for name, into := range map[string]*scalar{
			"id": &w.ID, "from": &w.From, "from_user_id": &w.FromUserID,
			"from_parent_user_id": &w.FromParentUserID, "timestamp": &w.Timestamp, "group_id": &w.GroupID,
		} {
			*into = fields.scalar(name)
		}
		w.Test = truth(string(fields["frontdesk_test"]) == "true")
	}
	m := p.envelope(&w)
	m.Content = ingest.Content{Type: ingest.Unsupported, Raw: provider.Carry(raw)}
	p.addMessage(m, raw)
}

// content returns what w says, or false where it is nothing that we know.
func (w *wireMessage) content() (ingest.Content, bool) {
	switch w.Type {
	case "text":
		if w.Text != nil {
			return ingest.Content{Type: ingest.Text, Text: w.Text.Body}, true
		}
	case "image":
		return w.Image.content(ingest.Image)
	case "audio":
		return w.Audio.content(ingest.Audio)
	case "video":
		return w.Video.content(ingest.Video)
	case "document":
		return w.Document.content(ingest.Document)
	case "sticker":
		return w.Sticker.content(ingest.Sticker)
	case "location":
		return w.Location.content()
	case "contacts":
		c := provider.Carry(w.Contacts)
		return ingest.Content{Type: ingest.ContactCard, Contacts: c}, len(c) > 0
	case "reaction":
		if r := w.Reaction; r != nil && r.MessageID != "" {
			return ingest.Content{Type: ingest.Reacted, Reaction: &ingest.Reaction{ProviderID: string(r.MessageID), Emoji: r.Emoji}}, true
		}
	case "button":
		if b := w.Button; b != nil {
			return ingest.Content{Type: ingest.Button, Text: b.Text, Selection: &ingest.Selection{Kind: "button", ID: b.Payload, Title: b.Text}}, true
		}
	case "interactive":
		return w.Interactive.content()
	case "order":
		return orderContent(w.Order)
	case "system":
		if w.System != nil {
			return ingest.Content{Type: ingest.System, System: w.systemChange()}, true
		}
	}
	return ingest.Content{}, false
}

func (w *wireMedia) content(typ ingest.ContentType) (ingest.Content, bool) {
	if w == nil || (w.ID == "" && w.URL == "") {
		return ingest.Content{}, false
	}
	return ingest.Content{Type: typ, Text: w.Caption, Media: []ingest.Media{{
		ID: string(w.ID), URL: w.URL, MIME: w.MIME, SHA256: w.SHA256, Filename: w.Filename, Voice: w.Voice, Animated: w.Animated,
	}}}, true
}

func (w *wireLocation) content() (ingest.Content, bool) {
	if w == nil {
		return ingest.Content{}, false
	}
	lat, errLat := strconv.ParseFloat(string(w.Latitude), 64)
	lon, errLon := strconv.ParseFloat(string(w.Longitude), 64)
	if errLat != nil || errLon != nil || !(lat >= -90 && lat <= 90) || !(lon >= -180 && lon <= 180) {
		return ingest.Content{}, false
	}
	return ingest.Content{Type: ingest.LocationPin, Location: &ingest.Location{
		Latitude: lat, Longitude: lon, Name: w.Name, Address: w.Address, URL: w.URL,
	}}, true
}

func (w *wireInteractive) content() (ingest.Content, bool) {
	if w == nil {
		return ingest.Content{}, false
	}
	var s ingest.Selection
	text := ""
	switch {
	case w.Type == "button_reply" && w.ButtonReply != nil:
		s, text = w.ButtonReply.selection("button"), w.ButtonReply.Title
	case w.Type == "list_reply" && w.ListReply != nil:
		s, text = w.ListReply.selection("list"), w.ListReply.Title
	case w.Type == "nfm_reply" && w.FlowReply != nil:
		s, text = w.FlowReply.selection(), w.FlowReply.Body
	case w.Type == "call_permission_reply" && len(w.CallPermission) > 0:
		s = ingest.Selection{Kind: "call_permission", ID: responseOf(w.CallPermission), Data: provider.Carry(w.CallPermission)}
	case w.Type == "product" && len(w.Product) > 0:
		s = ingest.Selection{Kind: "product", Data: provider.Carry(w.Product)}
	default:
		return ingest.Content{}, false
	}
	return ingest.Content{Type: ingest.Interactive, Text: text, Selection: &s}, true
}

func (w *wireChoice) selection(kind string) ingest.Selection {
	return ingest.Selection{Kind: kind, ID: string(w.ID), Title: w.Title, Description: w.Description}
}

// selection returns a form's answers. They are a JSON document inside a
// string, mostly an object; what is no JSON is carried as the string.
func (w *wireFlowReply) selection() ingest.Selection {
	kind := w.Name
	if kind == "" {
		kind = "flow"
	}
	return ingest.Selection{Kind: kind, Title: w.Body, Data: provider.CarryText(w.ResponseJSON)}
}

func responseOf(permission []byte) string {
	fields, _, _ := members(permission)
	return string(fields.scalar("response"))
}

func orderContent(raw []byte) (ingest.Content, bool) {
	carried := provider.Carry(raw)
	var order struct {
		Text string `json:"text"`
	}
	if len(carried) == 0 || json.Unmarshal(raw, &order) != nil {
		return ingest.Content{}, false
	}
	return ingest.Content{Type: ingest.Order, Text: order.Text, Order: carried}, true
}

func providerErrors(list []wireError) []ingest.ProviderError {
	if len(list) == 0 {
		return nil
	}
	out := make([]ingest.ProviderError, len(list))
	for i, e := range list {
		out[i] = ingest.ProviderError{Code: string(e.Code), Title: e.Title, Detail: e.ErrorData.Details}
		if out[i].Title == "" {
			out[i].Title = e.Message
		}
		if out[i].Detail == "" {
			out[i].Detail = e.Details
		}
	}
	return out
}
