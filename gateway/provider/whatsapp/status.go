package whatsapp

import (
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// statuses maps Meta's words. A voice note that was played was read.
var statuses = map[string]ingest.Status{
	"sent":      ingest.Sent,
	"delivered": ingest.Delivered,
	"read":      ingest.Read,
	"played":    ingest.Read,
	"failed":    ingest.Failed,
}

// status adds w. As with message, one that must be kept raw is only added
// where raw is given.
func (p *parser) status(w *wireStatus, raw []byte) bool {
	status, known := statuses[w.Status]
	id := provider.ID(string(w.ID))
	if (!known || id == "") && raw == nil {
		return false
	}
	r := &ingest.Receipt{
		Provider: provider.WhatsApp, ProviderID: id, Status: status, Word: w.Status,
		At: instant(w.Timestamp), Errors: providerErrors(w.Errors), Test: bool(w.Test),
	}
	if !known || id == "" {
		r.Raw = provider.Carry(raw)
	}
	if ingest.ValidID(ingest.PrefixMessage, w.CallbackData) { // others' programs may share the number
		r.Correlation = ingest.MessageID(w.CallbackData)
	}
	var participant scalar // of a group, each of whom has a receipt
	if w.RecipientType == "group" {
		participant = w.ParticipantID
		r.Party = p.contacts.party(participant, "", "")
	} else {
		r.Party = p.contacts.party(w.RecipientID, w.RecipientUserID, first(w.RecipientParentUserID, w.ParentRecipientUserID))
	}
	if w.Pricing != nil {
		r.Pricing = &ingest.Pricing{Billable: w.Pricing.Billable, Model: w.Pricing.Model, Type: w.Pricing.Type, Category: w.Pricing.Category}
	}
	p.addReceipt(r, participant, raw)
	return true
}

func (p *parser) addReceipt(r *ingest.Receipt, participant scalar, raw []byte) {
	source := r.ProviderID + ":" + r.Word
	if participant != "" {
		source += ":" + string(participant)
	}
	if r.ProviderID == "" || r.Word == "" {
		source = digest(raw)
	}
	p.add(provider.Update{Source: source, Receipt: r})
}

// unreadableStatus adds a receipt that is not what Meta documents.
func (p *parser) unreadableStatus(raw []byte) {
	fields, _, _ := members(raw)
	r := &ingest.Receipt{
		Provider: provider.WhatsApp, ProviderID: provider.ID(string(fields.scalar("id"))), Word: string(fields.scalar("status")),
		At: instant(fields.scalar("timestamp")), Raw: provider.Carry(raw),
		Party: p.contacts.party(fields.scalar("recipient_id"), fields.scalar("recipient_user_id"), ""),
		Test:  string(fields["frontdesk_test"]) == "true",
	}
	p.add(provider.Update{Source: digest(raw), Receipt: r})
}
