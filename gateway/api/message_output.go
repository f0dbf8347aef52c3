package api

import (
	"time"

	"frontdesk/agent/conversation"
	"frontdesk/ingest"
)

// messageResponse is a message as /v1 has it.
type messageResponse struct {
	ID                string               `json:"id" example:"msg_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number            int64                `json:"number,omitempty" doc:"Counts up within the business; left out until the message is sent."`
	ConversationID    string               `json:"conversation_id,omitempty"`
	ContactID         string               `json:"contact_id,omitempty"`
	ChannelID         string               `json:"channel_id,omitempty" doc:"Left out of a scheduled message whose channel is chosen when it is sent."`
	AgentID           string               `json:"agent_id,omitempty"`
	Direction         string               `json:"direction" enum:"inbound,outbound"`
	Status            string               `json:"status" enum:"received,scheduled,cancelled,queued,sending,sent,delivered,read,failed,unknown"`
	Provider          string               `json:"provider,omitempty"`
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
	At                time.Time            `json:"at" doc:"The provider's time; of an outbound message, when it was queued or, scheduled, is to be sent."`
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
