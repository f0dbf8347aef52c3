package simulator

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/ingest"
)

// graphRequest is what may stand in a send.
type graphRequest struct {
	Product   string `json:"messaging_product"`
	To        string `json:"to"`
	Recipient string `json:"recipient"`
	Type      string `json:"type"`
	Callback  string `json:"biz_opaque_callback_data"`
	Context   struct {
		MessageID string `json:"message_id"`
	} `json:"context"`

	Status    string          `json:"status"`
	MessageID string          `json:"message_id"`
	Typing    json.RawMessage `json:"typing_indicator"`

	Text struct {
		Body string `json:"body"`
	} `json:"text"`
	Image       *graphFile      `json:"image"`
	Audio       *graphFile      `json:"audio"`
	Video       *graphFile      `json:"video"`
	Document    *graphFile      `json:"document"`
	Sticker     *graphFile      `json:"sticker"`
	Location    *graphPin       `json:"location"`
	Contacts    json.RawMessage `json:"contacts"`
	Reaction    *graphReaction  `json:"reaction"`
	Interactive *graphMenu      `json:"interactive"`
	Template    *graphTemplate  `json:"template"`
}

type graphFile struct {
	ID       string `json:"id"`
	Link     string `json:"link"`
	Caption  string `json:"caption"`
	Filename string `json:"filename"`
}

type graphPin struct {
	Latitude  degrees `json:"latitude"`
	Longitude degrees `json:"longitude"`
	Name      string  `json:"name"`
	Address   string  `json:"address"`
}

// degrees is a number that Meta takes as a string too.
type degrees float64

func (d *degrees) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		s = string(b)
	}
	v, err := coordinate(s)
	*d = degrees(v)
	return err
}

// coordinate reads a number of degrees. What is no number, or none that JSON
// has, is an error and zero.
func coordinate(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
		err = strconv.ErrRange
	}
	if err != nil {
		return 0, err
	}
	return v, nil
}

type graphReaction struct {
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji"`
}

type graphMenu struct {
	Type   string    `json:"type"`
	Header graphText `json:"header"`
	Body   graphText `json:"body"`
	Footer graphText `json:"footer"`
	Action struct {
		Button  string `json:"button"`
		Buttons []struct {
			Reply ingest.Choice `json:"reply"`
		} `json:"buttons"`
		Sections   []ingest.MenuSection `json:"sections"`
		Parameters struct {
			Text string `json:"display_text"`
			URL  string `json:"url"`
		} `json:"parameters"`
	} `json:"action"`
}

type graphText struct {
	Text string `json:"text"`
}

type graphTemplate struct {
	Name     string `json:"name"`
	Language struct {
		Code string `json:"code"`
	} `json:"language"`
	Components json.RawMessage `json:"components"`
}

// parseGraph reads a send. Every error is a *graphError.
func parseGraph(body []byte) (graphRequest, error) {
	var in graphRequest
	if err := json.Unmarshal(provider.StorableJSON(body), &in); err != nil {
		return in, &graphError{http.StatusBadRequest, 100, "the body is no JSON of the documented form"}
	}
	if in.Product != "whatsapp" {
		return in, &graphError{http.StatusBadRequest, 100, "The parameter messaging_product is required."}
	}
	return in, nil
}

// content returns what the request sends, or a *graphError where Meta would
// refuse it.
func (in graphRequest) content() (ingest.Content, error) {
	c, err := in.parts()
	if err != nil {
		return c, err
	}
	if c.Type == ingest.Interactive && c.Menu == nil {
		return c, nil // a kind that the adapter passes on as it is
	}
	if err := whatsapp.Check(c); err != nil {
		return c, badParameter(provider.AsSendError(err).Err.Error())
	}
	return c, nil
}

func (in graphRequest) parts() (ingest.Content, error) {
	c := ingest.Content{Type: ingest.ContentType(in.Type)}
	files := map[ingest.ContentType]*graphFile{
		ingest.Image: in.Image, ingest.Audio: in.Audio, ingest.Video: in.Video, ingest.Document: in.Document, ingest.Sticker: in.Sticker,
	}
	file, isFile := files[c.Type]
	switch {
	case in.Type == "" || c.Type == ingest.Text:
		c.Type, c.Text = ingest.Text, in.Text.Body
	case isFile && file != nil:
		c.Text = file.Caption
		c.Media = []ingest.Media{{ID: file.ID, URL: file.Link, Filename: file.Filename}}
	case c.Type == ingest.LocationPin && in.Location != nil:
		c.Location = &ingest.Location{
			Latitude: float64(in.Location.Latitude), Longitude: float64(in.Location.Longitude), Name: in.Location.Name, Address: in.Location.Address,
		}
	case c.Type == ingest.ContactCard && in.Contacts != nil:
		c.Contacts = in.Contacts
	case c.Type == ingest.Reacted && in.Reaction != nil:
		c.Reaction = &ingest.Reaction{ProviderID: in.Reaction.MessageID, Emoji: in.Reaction.Emoji}
	case c.Type == ingest.Templated && in.Template != nil:
		c.Template = &ingest.Template{Name: in.Template.Name, Language: in.Template.Language.Code, Components: in.Template.Components}
	case c.Type == ingest.Interactive && in.Interactive != nil:
		return in.Interactive.content(), nil
	default:
		return c, badParameter("type: its part is missing, or the type is not known")
	}
	return c, nil
}

func (m graphMenu) content() ingest.Content {
	c := ingest.Content{Type: ingest.Interactive, Text: m.Body.Text}
	switch m.Type {
	case "button", "list":
		c.Menu = &ingest.Menu{Header: m.Header.Text, Footer: m.Footer.Text, ListTitle: m.Action.Button, Sections: m.Action.Sections}
		for _, b := range m.Action.Buttons {
			c.Menu.Buttons = append(c.Menu.Buttons, b.Reply)
		}
	case "cta_url":
		c.Text += "\n\n" + m.Action.Parameters.Text + ": " + m.Action.Parameters.URL
	}
	return c
}
