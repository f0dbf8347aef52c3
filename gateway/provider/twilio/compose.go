package twilio

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Limits of one message.
const (
	MaxBody  = 1600 // characters
	MaxMedia = 10   // files
)

// form returns the body that sends m.
func (s *Sender) form(ch provider.Channel, m ingest.Message) (url.Values, error) {
	whatsApp := strings.HasPrefix(ch.Ref, whatsAppPrefix)
	to, ok := recipient(m.Party, whatsApp)
	if !ok {
		return nil, provider.Rejectf("the contact has no address that this channel can reach")
	}
	form := url.Values{"To": {to}}
	if strings.HasPrefix(ch.Ref, "MG") {
		form.Set("MessagingServiceSid", ch.Ref)
	} else {
		form.Set("From", ch.Ref)
	}
	if err := fill(form, m.Content, whatsApp); err != nil {
		return nil, err
	}
	if s.cfg.StatusCallback != "" {
		form.Set("StatusCallback", withMessage(s.cfg.StatusCallback, m.ID))
	}
	if s.cfg.Validity > 0 {
		form.Set("ValidityPeriod", strconv.Itoa(int(s.cfg.Validity.Seconds())))
	}
	return form, nil
}

func recipient(p ingest.Party, whatsApp bool) (string, bool) {
	phone, user := p.Identifier(ingest.Phone), p.Identifier(ingest.WhatsAppUser)
	switch {
	case whatsApp && phone != "":
		return whatsAppPrefix + phone, true
	case whatsApp && user != "":
		return whatsAppPrefix + user, true
	case !whatsApp && phone != "":
		return phone, true
	case !whatsApp:
		sender := p.Identifier(ingest.SenderID) // a short code can be written to
		return sender, sender != ""
	}
	return "", false
}

// fill sets what the message says.
func fill(form url.Values, c ingest.Content, whatsApp bool) error {
	if c.Type == ingest.Templated {
		return fillTemplate(form, c.Template)
	}
	text, ok := provider.PlainText(c)
	if !ok {
		return provider.Rejectf("messages of type %q cannot be sent through Twilio", c.Type)
	}
	if c.Type == ingest.LocationPin && whatsApp {
		form.Set("PersistentAction", geo(c.Location))
		if text = c.Location.Name; text == "" {
			text = c.Location.Address
		}
	}
	if n := utf8.RuneCountInString(text); n > MaxBody {
		return provider.Rejectf("the text has %d characters, at most %d may be sent", n, MaxBody)
	}
	if len(c.Media) > MaxMedia {
		return provider.Rejectf("%d files given, at most %d may be sent", len(c.Media), MaxMedia)
	}
	for _, m := range c.Media {
		if m.URL == "" {
			return provider.Rejectf("Twilio fetches files itself: a url is needed")
		}
		form.Add("MediaUrl", m.URL)
	}
	if text != "" {
		form.Set("Body", text)
	}
	if len(c.Media) == 0 && text == "" && form.Get("PersistentAction") == "" {
		return provider.Rejectf("the message is empty")
	}
	return nil
}

func fillTemplate(form url.Values, t *ingest.Template) error {
	if t == nil || !strings.HasPrefix(t.Name, "HX") {
		return provider.Rejectf("a template is named by its ContentSid, HX…")
	}
	form.Set("ContentSid", t.Name)
	if len(t.Components) > 0 {
		form.Set("ContentVariables", string(t.Components))
	}
	return nil
}

func geo(l *ingest.Location) string {
	point := "geo:" + strconv.FormatFloat(l.Latitude, 'f', -1, 64) + "," + strconv.FormatFloat(l.Longitude, 'f', -1, 64)
	if l.Address != "" {
		return point + "|" + l.Address
	}
	return point
}

// MessageParam is the parameter of a status callback's query that bears our id
// of the message. The URL is signed, so it can be believed.
const MessageParam = "message"

func withMessage(callback string, id ingest.MessageID) string {
	if id == "" {
		return callback
	}
	separator := "?"
	if strings.Contains(callback, "?") {
		separator = "&"
	}
	return callback + separator + MessageParam + "=" + url.QueryEscape(string(id))
}
