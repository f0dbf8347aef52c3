package api

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/agent/conversation"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
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
	RequestKey     string            `json:"-" request:"effect"`
	Category       string            `json:"category" enum:"service,utility,marketing,authentication" doc:"What it is for: consent, quiet hours and budgets follow it. Service, if left out."`
}

type mediaInput struct {
	URL      string `json:"url" maxLength:"2048" format:"uri" doc:"Where the provider can fetch the file. Give this or id."`
	ID       string `json:"id" maxLength:"200" doc:"The provider's id of an uploaded file."`
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
		RequestKey: in.RequestKey,
	}
}

// messageResponse is a message as /v1 has it.
type messageResponse struct {
	ID                string               `json:"id" example:"msg_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number            int64                `json:"number" doc:"Counts up within the business."`
	ConversationID    string               `json:"conversation_id"`
	ContactID         string               `json:"contact_id,omitempty"`
	ChannelID         string               `json:"channel_id"`
	AgentID           string               `json:"agent_id,omitempty"`
	Direction         string               `json:"direction" enum:"inbound,outbound"`
	Status            string               `json:"status" enum:"received,queued,sending,sent,delivered,read,failed,unknown"`
	Provider          string               `json:"provider"`
	ProviderMessageID string               `json:"provider_message_id,omitempty"`
	From              string               `json:"from,omitempty" doc:"Of an inbound message: the contact's phone number or id at the provider."`
	To                string               `json:"to,omitempty" doc:"Of an outbound message: the contact's phone number or id at the provider."`
	Type              string               `json:"type"`
	Text              string               `json:"text,omitempty"`
	Media             []mediaResponse      `json:"media,omitempty"`
	Location          *locationResponse    `json:"location,omitempty"`
	Reaction          *reactionResponse    `json:"reaction,omitempty"`
	Selection         *selectionResponse   `json:"selection,omitempty" doc:"The button or row that the contact chose."`
	Interactive       *interactiveResponse `json:"interactive,omitempty"`
	Template          *templateResponse    `json:"template,omitempty"`
	Author            string               `json:"author,omitempty" doc:"Of an outbound message: bot, person or api."`
	Category          string               `json:"category,omitempty"`
	Errors            []errorResponse      `json:"errors,omitempty" doc:"In the provider's words."`
	Test              bool                 `json:"test" doc:"In the sandbox."`
	At                time.Time            `json:"at" doc:"The provider's time; of an outbound message, when it was queued."`
	CreatedAt         time.Time            `json:"created_at"`
	SentAt            *time.Time           `json:"sent_at,omitempty"`
	DeliveredAt       *time.Time           `json:"delivered_at,omitempty"`
	ReadAt            *time.Time           `json:"read_at,omitempty"`
	FailedAt          *time.Time           `json:"failed_at,omitempty"`
}

type mediaResponse struct {
	ID       string `json:"id,omitempty"`
	URL      string `json:"url,omitempty"`
	MIMEType string `json:"mime_type,omitempty"`
	Filename string `json:"filename,omitempty"`
}

type locationResponse struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Name      string  `json:"name,omitempty"`
	Address   string  `json:"address,omitempty"`
}

type reactionResponse struct {
	ProviderMessageID string `json:"provider_message_id"`
	Emoji             string `json:"emoji"`
}

type selectionResponse struct {
	Kind  string `json:"kind"`
	ID    string `json:"id,omitempty"`
	Title string `json:"title,omitempty"`
}

type interactiveResponse struct {
	Header    string            `json:"header,omitempty"`
	Footer    string            `json:"footer,omitempty"`
	Buttons   []choiceResponse  `json:"buttons,omitempty"`
	ListTitle string            `json:"list_title,omitempty"`
	Sections  []sectionResponse `json:"sections,omitempty"`
}

type sectionResponse struct {
	Title string           `json:"title,omitempty"`
	Rows  []choiceResponse `json:"rows"`
}

type choiceResponse struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

type templateResponse struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	Category string `json:"category,omitempty"`
}

type errorResponse struct {
	Code   string `json:"code"`
	Title  string `json:"title,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func toMessage(m conversation.Message) messageResponse {
	out := messageResponse{
		ID: string(m.ID), Number: m.Number, ConversationID: string(m.Conversation), ContactID: string(m.Contact),
		ChannelID: string(m.Channel), AgentID: string(m.Agent), Direction: string(m.Direction), Status: string(m.Status),
		Provider: m.Provider, ProviderMessageID: m.ProviderID, Type: string(m.Content.Type), Text: m.Content.Text,
		Author: m.Author, Category: m.Category, Test: m.Test, At: m.At.UTC(), CreatedAt: m.CreatedAt.UTC(),
		SentAt: orNil(m.SentAt), DeliveredAt: orNil(m.DeliveredAt), ReadAt: orNil(m.ReadAt), FailedAt: orNil(m.FailedAt),
	}
	if m.Direction == ingest.Inbound {
		out.From = Address(m.Party)
	} else {
		out.To = Address(m.Party)
	}
	for _, e := range append(m.Errors, m.Content.Errors...) {
		out.Errors = append(out.Errors, errorResponse{e.Code, e.Title, e.Detail})
	}
	fillContent(&out, m.Content)
	return out
}

func fillContent(out *messageResponse, c ingest.Content) {
	for _, f := range c.Media {
		out.Media = append(out.Media, mediaResponse{f.ID, f.URL, f.MIME, f.Filename})
	}
	if l := c.Location; l != nil {
		out.Location = &locationResponse{l.Latitude, l.Longitude, l.Name, l.Address}
	}
	if r := c.Reaction; r != nil {
		out.Reaction = &reactionResponse{r.ProviderID, r.Emoji}
	}
	if s := c.Selection; s != nil {
		out.Selection = &selectionResponse{s.Kind, s.ID, s.Title}
	}
	if t := c.Template; t != nil {
		out.Template = &templateResponse{t.Name, t.Language, t.Category}
	}
	if m := c.Menu; m != nil {
		out.Interactive = &interactiveResponse{Header: m.Header, Footer: m.Footer, ListTitle: m.ListTitle, Buttons: choicesOf(m.Buttons)}
		for _, s := range m.Sections {
			out.Interactive.Sections = append(out.Interactive.Sections, sectionResponse{s.Title, choicesOf(s.Rows)})
		}
	}
}

func choicesOf(in []ingest.Choice) []choiceResponse {
	out := []choiceResponse{}
	for _, c := range in {
		out = append(out, choiceResponse{c.ID, c.Title, c.Description})
	}
	return out
}

type messageFilter struct {
	paging
	ConversationID string    `json:"-" query:"conversation_id" maxLength:"64"`
	ContactID      string    `json:"-" query:"contact_id" maxLength:"64"`
	ChannelID      string    `json:"-" query:"channel_id" maxLength:"64"`
	Direction      string    `json:"-" query:"direction" enum:"inbound,outbound"`
	Status         string    `json:"-" query:"status" enum:"received,queued,sending,sent,delivered,read,failed,unknown"`
	Since          time.Time `json:"-" query:"since" doc:"Not before this time."`
	Until          time.Time `json:"-" query:"until" doc:"Before this time."`
}

func (f messageFilter) store() conversation.MessageFilter {
	return conversation.MessageFilter{
		Conversation: ingest.ConversationID(f.ConversationID), Contact: ingest.ContactID(f.ContactID),
		Channel: ingest.ChannelID(f.ChannelID), Direction: ingest.Direction(f.Direction), Status: ingest.Status(f.Status),
		Since: f.Since, Until: f.Until, Limit: f.Limit, After: f.Cursor,
	}
}

// sendFaults are the codes of a message that is not taken.
var sendFaults = []string{
	"opted_out", "window_closed", "quiet_hours", "budget_exceeded", "channel_down", "conversation_closed", "contact_unreachable", "live_conversation",
}

func messageRoutes(ops *operation.Operations) []Route {
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/messages", ID: "sendMessage", Tag: "Messages", Summary: "Send a message", Status: 201,
			Scope: "messages:write", Class: tenant.Messages, Faults: sendFaults,
			Doc: "The message is queued; its status tells what became of it. A test key's messages stay in the sandbox."},
			func(ctx context.Context, c tenant.Caller, in sendMessageRequest) (messageResponse, error) {
				m, err := ops.SendMessage(ctx, c, in.operation())
				return toMessage(m), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/messages", ID: "listMessages", Tag: "Messages", Summary: "List messages, newest first", Scope: "messages:read"},
			func(ctx context.Context, c tenant.Caller, in messageFilter) (page[messageResponse], error) {
				p, err := ops.Messages(ctx, c, in.store())
				return pageOf(p, toMessage), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/messages/{id}", ID: "getMessage", Tag: "Messages", Summary: "Get a message", Scope: "messages:read"},
			func(ctx context.Context, c tenant.Caller, in byID) (messageResponse, error) {
				m, err := ops.Message(ctx, c, ingest.MessageID(in.ID))
				return toMessage(m), err
			}),
	}
}
