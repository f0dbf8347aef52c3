package api

import (
	"encoding/json"
	"time"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/ingest"
)

// sendMessageRequest is the body of POST /v1/messages.
type sendMessageRequest struct {
	To             string            `json:"to" maxLength:"40" doc:"A phone number. Give this, contact_id or conversation_id." example:"+5016123456"`
	ContactID      string            `json:"contact_id" maxLength:"64"`
	ConversationID string            `json:"conversation_id" maxLength:"64"`
	Channel        string            `json:"channel" maxLength:"100" doc:"Name or id of a channel. Left out, one is chosen that can carry the message and where it may be sent." example:"main"`
	Type           string            `json:"type" enum:"text,image,audio,video,document,template,interactive,location,reaction" doc:"Text, if left out." example:"text"`
	Text           string            `json:"text" maxLength:"4096" doc:"The text, or the caption of media." example:"Your appointment is tomorrow at 10:00."`
	Media          []mediaInput      `json:"media" max:"10" doc:"The file of an image, audio, video or document; more than one only for MMS."`
	Template       *templateInput    `json:"template"`
	Interactive    *interactiveInput `json:"interactive"`
	Location       *locationInput    `json:"location"`
	Reaction       *reactionInput    `json:"reaction"`
	ReplyTo        string            `json:"reply_to" maxLength:"64" doc:"Id of the message that this one answers."`
	SendAt         time.Time         `json:"send_at" doc:"When to send it, within a year; now, if left out. Where it goes and whether it may be sent is decided then." example:"2026-12-24T08:00:00Z"`
	RequestKey     string            `json:"-" request:"effect"`
	Category       string            `json:"category" enum:"service,utility,marketing,authentication" doc:"What it is for: consent, quiet hours and budgets follow it. Service, if left out."`
}

type mediaInput struct {
	URL      string `json:"url" maxLength:"2048" format:"uri" doc:"Where the provider can fetch the file. Give this or id."`
	ID       string `json:"id" maxLength:"200" doc:"Of an uploaded file: ours (med_…), or the provider's."`
	MIMEType string `json:"mime_type" maxLength:"100"`
	Filename string `json:"filename" maxLength:"240"`
}

type templateInput struct {
	Name       string          `json:"name" required:"true" maxLength:"512"`
	Language   string          `json:"language" required:"true" maxLength:"20" example:"en_US"`
	Category   string          `json:"category" enum:"marketing,utility,authentication"`
	Components json.RawMessage `json:"components" doc:"In the provider's own form."`
}

type interactiveInput struct {
	Header    string         `json:"header" maxLength:"60"`
	Footer    string         `json:"footer" maxLength:"60"`
	Buttons   []choiceInput  `json:"buttons" max:"3" doc:"Up to three; or a list."`
	ListTitle string         `json:"list_title" maxLength:"20" doc:"On the button that opens the list."`
	Sections  []sectionInput `json:"sections" max:"10"`
}

type sectionInput struct {
	Title string        `json:"title" maxLength:"24"`
	Rows  []choiceInput `json:"rows" required:"true" max:"10"`
}

type choiceInput struct {
	ID          string `json:"id" required:"true" maxLength:"200" doc:"Comes back when it is chosen."`
	Title       string `json:"title" required:"true" maxLength:"24"`
	Description string `json:"description" maxLength:"72" doc:"Of a list's row."`
}

type locationInput struct {
	Latitude  float64 `json:"latitude" min:"-90" max:"90" zero:"true"`
	Longitude float64 `json:"longitude" min:"-180" max:"180" zero:"true"`
	Name      string  `json:"name" maxLength:"1000"`
	Address   string  `json:"address" maxLength:"1000"`
}

type reactionInput struct {
	MessageID string `json:"message_id" required:"true" maxLength:"64"`
	Emoji     string `json:"emoji" maxLength:"30" doc:"Empty takes the reaction back."`
}

// Check holds type and fields together.
func (in *sendMessageRequest) Check() []edge.FieldError {
	typ := in.contentType()
	var out []edge.FieldError
	need := func(ok bool, field, message string) {
		if !ok {
			out = append(out, edge.FieldError{Field: field, Message: message})
		}
	}
	media := typ == ingest.Image || typ == ingest.Audio || typ == ingest.Video || typ == ingest.Document
	need(typ != ingest.Text || in.Text != "", "text", "is missing")
	need(typ != ingest.Interactive || in.Text != "", "text", "is missing; it stands above the buttons or the list")
	need(media == (len(in.Media) > 0), "media", "belongs to types image, audio, video and document, which need it")
	for _, m := range in.Media {
		need((m.URL == "") != (m.ID == ""), "media", "each needs url or id, not both")
	}
	need((typ == ingest.Templated) == (in.Template != nil), "template", "belongs to type template, which needs it")
	need((typ == ingest.Interactive) == (in.Interactive != nil), "interactive", "belongs to type interactive, which needs it")
	need((typ == ingest.LocationPin) == (in.Location != nil), "location", "belongs to type location, which needs it")
	need((typ == ingest.Reacted) == (in.Reaction != nil), "reaction", "belongs to type reaction, which needs it")
	if m := in.Interactive; m != nil {
		need((len(m.Buttons) > 0) != (len(m.Sections) > 0), "interactive", "needs buttons or sections, not both")
		need(len(m.Sections) == 0 || m.ListTitle != "", "interactive.list_title", "is missing")
		need(rows(m.Sections) <= 10, "interactive.sections", "have more than 10 rows in all")
		need(distinct(m), "interactive", "two choices have the same id")
	}
	return out
}

func rows(sections []sectionInput) int {
	n := 0
	for _, s := range sections {
		n += len(s.Rows)
	}
	return n
}

func distinct(m *interactiveInput) bool {
	seen := map[string]bool{}
	for _, list := range append([][]choiceInput{m.Buttons}, sectionRows(m.Sections)...) {
		for _, c := range list {
			if seen[c.ID] {
				return false
			}
			seen[c.ID] = true
		}
	}
	return true
}

func sectionRows(sections []sectionInput) [][]choiceInput {
	out := make([][]choiceInput, len(sections))
	for i, s := range sections {
		out[i] = s.Rows
	}
	return out
}

func (in *sendMessageRequest) contentType() ingest.ContentType {
	if in.Type == "" {
		return ingest.Text
	}
	return ingest.ContentType(in.Type)
}

func (in *sendMessageRequest) content() ingest.Content {
	c := ingest.Content{Type: in.contentType(), Text: in.Text}
	for _, m := range in.Media {
		c.Media = append(c.Media, ingest.Media{ID: m.ID, URL: m.URL, MIME: m.MIMEType, Filename: m.Filename})
	}
	if t := in.Template; t != nil {
		c.Template = &ingest.Template{Name: t.Name, Language: t.Language, Category: t.Category, Components: t.Components}
	}
	if l := in.Location; l != nil {
		c.Location = &ingest.Location{Latitude: l.Latitude, Longitude: l.Longitude, Name: l.Name, Address: l.Address}
	}
	if r := in.Reaction; r != nil {
		c.Reaction = &ingest.Reaction{Emoji: r.Emoji}
	}
	if m := in.Interactive; m != nil {
		c.Menu = &ingest.Menu{Header: m.Header, Footer: m.Footer, ListTitle: m.ListTitle, Buttons: choices(m.Buttons)}
		for _, s := range m.Sections {
			c.Menu.Sections = append(c.Menu.Sections, ingest.MenuSection{Title: s.Title, Rows: choices(s.Rows)})
		}
	}
	return c
}

func choices(in []choiceInput) []ingest.Choice {
	var out []ingest.Choice
	for _, c := range in {
		out = append(out, ingest.Choice{ID: c.ID, Title: c.Title, Description: c.Description})
	}
	return out
}

func (in *sendMessageRequest) operation() operation.SendMessage {
	category := in.Category
	if category == "" && in.Template != nil {
		category = in.Template.Category
	}
	reply := in.ReplyTo
	if in.Reaction != nil {
		reply = in.Reaction.MessageID
	}
	return operation.SendMessage{
		Conversation: ingest.ConversationID(in.ConversationID), Contact: ingest.ContactID(in.ContactID), To: in.To,
		Channel: in.Channel, Content: in.content(), Category: category, ReplyTo: ingest.MessageID(reply),
		RequestKey: in.RequestKey, SendAt: in.SendAt,
	}
}
