package whatsapp

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// request is the body of a send. Of the parts only the one that Type names is
// there.
type request struct {
	Product     string          `json:"messaging_product"`
	Recipients  string          `json:"recipient_type"`
	To          string          `json:"to,omitempty"`
	Recipient   string          `json:"recipient,omitempty"`
	Callback    string          `json:"biz_opaque_callback_data,omitempty"`
	Context     *replyTo        `json:"context,omitempty"`
	Type        string          `json:"type"`
	Text        *text           `json:"text,omitempty"`
	Image       *media          `json:"image,omitempty"`
	Audio       *media          `json:"audio,omitempty"`
	Video       *media          `json:"video,omitempty"`
	Document    *media          `json:"document,omitempty"`
	Sticker     *media          `json:"sticker,omitempty"`
	Location    *location       `json:"location,omitempty"`
	Contacts    json.RawMessage `json:"contacts,omitempty"`
	Reaction    *reaction       `json:"reaction,omitempty"`
	Interactive any             `json:"interactive,omitempty"`
	Template    *template       `json:"template,omitempty"`
}

type (
	replyTo struct {
		MessageID string `json:"message_id"`
	}
	text struct {
		Body string `json:"body"`
	}
	media struct {
		ID       string `json:"id,omitempty"`
		Link     string `json:"link,omitempty"`
		Caption  string `json:"caption,omitempty"`
		Filename string `json:"filename,omitempty"`
	}
	location struct {
		Latitude  string `json:"latitude"`
		Longitude string `json:"longitude"`
		Name      string `json:"name,omitempty"`
		Address   string `json:"address,omitempty"`
	}
	reaction struct {
		MessageID string `json:"message_id"`
		Emoji     string `json:"emoji"` // empty takes it back
	}
	template struct {
		Name       string          `json:"name"`
		Language   language        `json:"language"`
		Components json.RawMessage `json:"components,omitempty"`
	}
	language struct {
		Code string `json:"code"`
	}
	interactive struct {
		Type   string  `json:"type"`
		Header *header `json:"header,omitempty"`
		Body   part    `json:"body"`
		Footer *part   `json:"footer,omitempty"`
		Action action  `json:"action"`
	}
	header struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	part struct {
		Text string `json:"text"`
	}
	action struct {
		Buttons  []button  `json:"buttons,omitempty"`
		Button   string    `json:"button,omitempty"`
		Sections []section `json:"sections,omitempty"`
	}
	button struct {
		Type  string `json:"type"`
		Reply choice `json:"reply"`
	}
	choice struct {
		ID          string `json:"id"`
		Title       string `json:"title"`
		Description string `json:"description,omitempty"`
	}
	section struct {
		Title string   `json:"title,omitempty"`
		Rows  []choice `json:"rows"`
	}
)

// encode returns the body that sends m.
func encode(m ingest.Message) ([]byte, error) {
	if err := Check(m.Content); err != nil {
		return nil, err
	}
	r := request{Product: "whatsapp", Recipients: "individual"}
	if utf8.RuneCountInString(string(m.ID)) <= MaxCallback {
		r.Callback = string(m.ID)
	}
	if !r.address(m) {
		return nil, provider.Rejectf("the contact has neither a phone number nor a WhatsApp user id")
	}
	if m.ReplyTo != "" && m.Content.Type != ingest.Reacted {
		r.Context = &replyTo{m.ReplyTo}
	}
	r.fill(m.Content)
	body, err := json.Marshal(r)
	if err != nil {
		return nil, provider.Rejectf("the provider's own form is no JSON: %w", err)
	}
	return body, nil
}

// address says whom the message goes to. The number bears its plus: without,
// Meta may read it as one of the business's own country.
func (r *request) address(m ingest.Message) bool {
	switch phone, user := m.Party.Identifier(ingest.Phone), m.Party.Identifier(ingest.WhatsAppUser); {
	case m.Group != "":
		r.Recipients, r.To = "group", m.Group
	case phone != "":
		r.To = phone
	case user != "":
		r.Recipient = user
	default:
		return false
	}
	return true
}

func (r *request) fill(c ingest.Content) {
	r.Type = string(c.Type)
	switch c.Type {
	case ingest.Text:
		r.Text = &text{c.Text}
	case ingest.Image:
		r.Image = file(c)
	case ingest.Audio:
		r.Audio = file(c)
	case ingest.Video:
		r.Video = file(c)
	case ingest.Document:
		r.Document = file(c)
		r.Document.Filename = c.Media[0].Filename
	case ingest.Sticker:
		r.Sticker = file(c)
	case ingest.LocationPin:
		r.Location = &location{degrees(c.Location.Latitude), degrees(c.Location.Longitude), c.Location.Name, c.Location.Address}
	case ingest.ContactCard:
		r.Contacts = c.Contacts
	case ingest.Reacted:
		r.Reaction = &reaction{c.Reaction.ProviderID, c.Reaction.Emoji}
	case ingest.Interactive:
		r.Interactive = interactiveOf(c)
	case ingest.Templated:
		r.Template = &template{c.Template.Name, language{c.Template.Language}, c.Template.Components}
	}
}

// file is the one file of c. Meta's id for it goes before a link.
func file(c ingest.Content) *media {
	m := &media{ID: c.Media[0].ID}
	if m.ID == "" {
		m.Link = c.Media[0].URL
	}
	if c.Type != ingest.Audio && c.Type != ingest.Sticker { // which have none
		m.Caption = c.Text
	}
	return m
}

func degrees(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func interactiveOf(c ingest.Content) any {
	m := c.Menu
	if m == nil {
		return c.Raw
	}
	out := interactive{Type: "button", Body: part{c.Text}}
	if m.Header != "" {
		out.Header = &header{"text", m.Header}
	}
	if m.Footer != "" {
		out.Footer = &part{m.Footer}
	}
	for _, b := range m.Buttons {
		out.Action.Buttons = append(out.Action.Buttons, button{"reply", choice{ID: b.ID, Title: b.Title}})
	}
	if len(m.Sections) == 0 {
		return out
	}
	out.Type, out.Action.Button = "list", m.ListTitle
	for _, s := range m.Sections {
		rows := make([]choice, len(s.Rows))
		for i, r := range s.Rows {
			rows[i] = choice(r)
		}
		out.Action.Sections = append(out.Action.Sections, section{s.Title, rows})
	}
	return out
}
