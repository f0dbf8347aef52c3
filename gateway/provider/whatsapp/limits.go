package whatsapp

import (
	"unicode/utf8"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// Limits of what may be sent, in characters where not said otherwise.
const (
	MaxText        = 4096
	MaxCaption     = 1024
	MaxMenuBody    = 1024
	MaxHeader      = 60
	MaxFooter      = 60
	MaxButtons     = 3 // in number
	MaxButtonID    = 256
	MaxButtonTitle = 20
	MaxListTitle   = 20
	MaxSections    = 10 // in number
	MaxRows        = 10 // in number, over all sections
	MaxRowTitle    = 24
	MaxRowDetail   = 72
	MaxRowID       = 200
	MaxTemplate    = 512 // of its name
	MaxCallback    = 512 // of biz_opaque_callback_data
)

// check is a list of rules of which the first that is broken counts.
type check struct{ err error }

func (k *check) length(what, s string, most int) {
	if n := utf8.RuneCountInString(s); k.err == nil && n > most {
		k.err = provider.Rejectf("%s has %d characters, at most %d may be sent", what, n, most)
	}
}

func (k *check) filled(what, s string) {
	if k.err == nil && s == "" {
		k.err = provider.Rejectf("%s is empty", what)
	}
}

func (k *check) count(what string, n, most int) {
	if k.err == nil && n > most {
		k.err = provider.Rejectf("%d %s given, at most %d may be sent", n, what, most)
	}
}

// Check reports, as a *[provider.SendError] with reason Rejected, what Meta
// would refuse of c for its size or for a missing part. nil means none.
func Check(c ingest.Content) error {
	var k check
	switch c.Type {
	case ingest.Text:
		k.filled("the text", c.Text)
		k.length("the text", c.Text, MaxText)
	case ingest.Image, ingest.Video, ingest.Document, ingest.Audio, ingest.Sticker:
		k.length("the caption", c.Text, MaxCaption)
		if len(c.Media) != 1 || (c.Media[0].ID == "" && c.Media[0].URL == "") {
			return provider.Rejectf("one file with an id or a url is needed, %d given", len(c.Media))
		}
	case ingest.Interactive:
		if c.Menu != nil {
			k.menu(c)
		} else if len(c.Raw) == 0 {
			return provider.Rejectf("an interactive message needs buttons, a list, or the provider's own form")
		}
	case ingest.Templated:
		if c.Template == nil {
			return provider.Rejectf("no template is named")
		}
		k.filled("the template's name", c.Template.Name)
		k.length("the template's name", c.Template.Name, MaxTemplate)
		k.filled("the template's language", c.Template.Language)
	case ingest.LocationPin:
		k.there("location", c.Location != nil)
	case ingest.ContactCard:
		k.there("contacts", len(c.Contacts) > 0)
	case ingest.Reacted:
		k.there("reaction", c.Reaction != nil)
	default:
		return provider.Rejectf("messages of type %q cannot be sent on WhatsApp", c.Type)
	}
	return k.err
}

func (k *check) there(what string, ok bool) {
	if k.err == nil && !ok {
		k.err = provider.Rejectf("a message of type %s without one", what)
	}
}

func (k *check) menu(c ingest.Content) {
	m := c.Menu
	k.filled("the text above the choices", c.Text)
	k.length("the text above the choices", c.Text, MaxMenuBody)
	k.length("the header", m.Header, MaxHeader)
	k.length("the footer", m.Footer, MaxFooter)
	if len(m.Sections) == 0 {
		k.buttons(m.Buttons)
		return
	}
	if k.err == nil && len(m.Buttons) > 0 {
		k.err = provider.Rejectf("a menu has buttons or a list, not both")
	}
	k.filled("the list's title", m.ListTitle)
	k.length("the list's title", m.ListTitle, MaxListTitle)
	k.count("sections", len(m.Sections), MaxSections)
	rows := 0
	for _, s := range m.Sections {
		rows += len(s.Rows)
		k.length("a section's title", s.Title, MaxRowTitle)
		if len(m.Sections) > 1 {
			k.filled("a section's title", s.Title)
		}
		for _, r := range s.Rows {
			k.choice("a row", r, MaxRowID, MaxRowTitle)
			k.length("a row's description", r.Description, MaxRowDetail)
		}
	}
	k.count("rows", rows, MaxRows)
	if k.err == nil && rows == 0 {
		k.err = provider.Rejectf("a list without rows")
	}
}

func (k *check) buttons(buttons []ingest.Choice) {
	if k.err == nil && len(buttons) == 0 {
		k.err = provider.Rejectf("a menu without choices")
	}
	k.count("buttons", len(buttons), MaxButtons)
	for _, b := range buttons {
		k.choice("a button", b, MaxButtonID, MaxButtonTitle)
	}
}

func (k *check) choice(what string, c ingest.Choice, maxID, maxTitle int) {
	k.filled(what+"'s id", c.ID)
	k.length(what+"'s id", c.ID, maxID)
	k.filled(what+"'s title", c.Title)
	k.length(what+"'s title", c.Title, maxTitle)
}
