package whatsapp

import (
	"slices"

	"frontdesk/ingest"
)

// systemChange returns what a system message says of its contact.
func (w *wireMessage) systemChange() *ingest.SystemChange {
	s := w.System
	current := identifiers(first(s.WaID, s.NewWaID), s.UserID, s.ParentUserID)
	previous := identifiers(first(s.Customer, w.From), first(s.PreviousUserID, w.FromUserID), first(s.PreviousParentUserID, w.FromParentUserID))
	// Whether from and from_user_id are the old or the new ones is nowhere
	// documented. What is said to be both tells nothing of the old.
	previous = slices.DeleteFunc(previous, func(id ingest.Identifier) bool { return slices.Contains(current, id) })
	if len(previous) == 0 {
		previous = nil
	}
	return &ingest.SystemChange{Kind: s.Type, Body: s.Body, Previous: previous, Current: current}
}

// formerParty is whom a system message belongs to: who the contact was before,
// so that it comes after what they wrote under the old name.
func formerParty(c *ingest.SystemChange) ingest.Party {
	if len(c.Previous) > 0 {
		return ingest.Party{Identifiers: slices.Clone(c.Previous)}
	}
	return ingest.Party{Identifiers: slices.Clone(c.Current)}
}

func first(values ...scalar) scalar {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
