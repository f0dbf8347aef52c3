package twilio

import (
	"fmt"
	"strconv"
	"strings"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Parse returns the one update of a callback, a message or a status: a
// parameter MessageStatus tells them apart. It knows no tenant and does no I/O.
//
// Every error is [provider.ErrMalformed]: the form names no message, or by an id
// that nothing of ours can hold.
func Parse(body []byte) ([]provider.Update, error) {
	form, err := ParseForm(body)
	if err != nil {
		return nil, err
	}
	return form.Updates()
}

// Updates is [Parse] of a form already decoded.
func (f Form) Updates() ([]provider.Update, error) {
	sid := f.text("MessageSid")
	if sid == "" {
		sid = f.text("SmsSid")
	}
	if provider.ID(sid) == "" {
		return nil, fmt.Errorf("%w: a MessageSid of %d bytes, want 1 to %d", provider.ErrMalformed, len(sid), provider.MaxID)
	}
	u := provider.Update{Account: f.text("AccountSid"), Service: f.text("MessagingServiceSid")}
	if f.Get("MessageStatus") != "" {
		u.Ref, u.Receipt = f.text("From"), f.receipt(sid)
		u.Source = sid + ":" + u.Receipt.Word
	} else {
		u.Ref, u.Message, u.Source = f.text("To"), f.message(sid), sid
	}
	return []provider.Update{u}, nil
}

func (f Form) text(name string) string { return provider.StorableText(f.Get(name)) }

const whatsAppPrefix = "whatsapp:"

func (f Form) message(sid string) *ingest.Message {
	return &ingest.Message{
		Provider: provider.Twilio, Direction: ingest.Inbound, ProviderID: sid,
		Party:     f.party("From", "WaId", "ExternalUserId"),
		Content:   f.content(),
		ReplyTo:   f.text("OriginalRepliedMessageSid"),
		Forwarded: f.Get("Forwarded") == "true" || f.Get("FrequentlyForwarded") == "true",
		Referral:  f.raw(func(name string) bool { return strings.HasPrefix(name, "Referral") }),
		OptWord:   optWords[f.Get("OptOutType")],
		Test:      f.test(),
	}
}

// test reports a message written in the simulator. The parameter is covered by
// the signature.
func (f Form) test() bool { return f.Get("FrontdeskTest") == "1" }

var optWords = map[string]ingest.OptWord{"STOP": ingest.OptStop, "START": ingest.OptStart, "HELP": ingest.OptHelp}

// party describes whom the parameters name: a number, a WhatsApp user id, a
// short code.
func (f Form) party(names ...string) ingest.Party {
	p := ingest.Party{Name: f.text("ProfileName")}
	seen := map[ingest.Identifier]bool{}
	for _, name := range names {
		value := strings.TrimPrefix(f.text(name), whatsAppPrefix)
		if provider.ID(value) == "" {
			continue
		}
		if id := identifier(value); !seen[id] {
			seen[id] = true
			p.Identifiers = append(p.Identifiers, id)
		}
	}
	return p
}

func identifier(value string) ingest.Identifier {
	if phone, ok := provider.Phone(value); ok {
		return ingest.Identifier{Kind: ingest.Phone, Value: phone}
	}
	switch ok, parent := provider.WhatsAppUserID(value); {
	case parent:
		return ingest.Identifier{Kind: ingest.WhatsAppParent, Value: value}
	case ok:
		return ingest.Identifier{Kind: ingest.WhatsAppUser, Value: value}
	}
	return ingest.Identifier{Kind: ingest.SenderID, Value: value}
}

// content returns what the form says. What is of a type that nobody knows is
// kept raw.
func (f Form) content() ingest.Content {
	body, typ := f.text("Body"), f.Get("MessageType")
	c := ingest.Content{Type: ingest.Text, Text: body, Media: f.media()}
	switch {
	case f.Get("ButtonPayload") != "" || f.Get("ButtonText") != "":
		c.Type = ingest.Button
		c.Selection = &ingest.Selection{Kind: "button", ID: f.text("ButtonPayload"), Title: f.text("ButtonText")}
	case f.Get("ListId") != "":
		c.Type = ingest.Interactive
		c.Selection = &ingest.Selection{Kind: "list", ID: f.text("ListId"), Title: f.text("ListTitle"), Description: f.text("ListDescription")}
	case f.Get("InteractiveData") != "" || f.Get("FlowData") != "":
		data := f.Get("InteractiveData") // the whole form; FlowData is a part of it
		if data == "" {
			data = f.Get("FlowData")
		}
		c.Type = ingest.Interactive
		c.Selection = &ingest.Selection{Kind: "flow", Title: body, Data: provider.CarryText(data)}
	case f.location() != nil:
		c.Type, c.Location = ingest.LocationPin, f.location()
	case len(c.Media) > 0:
		c.Type = mediaType(typ, c.Media[0].MIME)
	case typ != "" && typ != "text":
		c.Type, c.Raw = ingest.Unsupported, f.raw(func(string) bool { return true })
	}
	if c.Text == "" && c.Selection != nil {
		c.Text = c.Selection.Title
	}
	return c
}

// maxMedia is how many files are looked for; Twilio sends ten at most.
const maxMedia = 20

func (f Form) media() []ingest.Media {
	n, err := strconv.Atoi(f.Get("NumMedia"))
	if err != nil {
		return nil
	}
	var list []ingest.Media
	for i := range min(n, maxMedia) {
		m := ingest.Media{URL: f.text("MediaUrl" + strconv.Itoa(i)), MIME: f.text("MediaContentType" + strconv.Itoa(i))}
		if m.URL == "" {
			continue
		}
		// WhatsApp records voice notes as Ogg and sends nothing else so.
		m.Voice = strings.HasPrefix(m.MIME, "audio/ogg") && strings.HasPrefix(f.Get("From"), whatsAppPrefix)
		list = append(list, m)
	}
	return list
}

func mediaType(typ, mime string) ingest.ContentType {
	if typ == "sticker" {
		return ingest.Sticker
	}
	switch kind, _, _ := strings.Cut(mime, "/"); kind {
	case "image":
		return ingest.Image
	case "audio":
		return ingest.Audio
	case "video":
		return ingest.Video
	}
	return ingest.Document
}

func (f Form) location() *ingest.Location {
	lat, errLat := strconv.ParseFloat(f.Get("Latitude"), 64)
	lon, errLon := strconv.ParseFloat(f.Get("Longitude"), 64)
	if errLat != nil || errLon != nil || !(lat >= -90 && lat <= 90) || !(lon >= -180 && lon <= 180) {
		return nil
	}
	return &ingest.Location{Latitude: lat, Longitude: lon, Name: f.text("Label"), Address: f.text("Address")}
}

// statuses maps Twilio's words.
var statuses = map[string]ingest.Status{
	"accepted": ingest.Queued, "queued": ingest.Queued, "scheduled": ingest.Queued,
	"sending":   ingest.Sending,
	"sent":      ingest.Sent,
	"delivered": ingest.Delivered, "partially_delivered": ingest.Delivered,
	"read":   ingest.Read,
	"failed": ingest.Failed, "undelivered": ingest.Failed, "canceled": ingest.Failed,
}

func (f Form) receipt(sid string) *ingest.Receipt {
	word := f.text("MessageStatus")
	r := &ingest.Receipt{
		Provider: provider.Twilio, ProviderID: sid, Status: statuses[word], Word: word,
		Party: f.party("To"), Test: f.test(),
	}
	if r.Status == "" {
		r.Raw = f.raw(func(string) bool { return true })
	}
	if code := f.text("ErrorCode"); code != "" {
		title := f.text("ErrorMessage")
		if title == "" {
			title = f.text("ChannelStatusMessage")
		}
		r.Errors = []ingest.ProviderError{{Code: code, Title: title}}
	}
	return r
}
