package operation

import (
	"context"
	"errors"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/media"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
	"frontdesk/kb"
)

// ContactParts is what every part does when contacts are merged, come apart and
// are erased. hash keeps the identifiers of who was erased; *tenant.Vault's Tags
// is one.
func ContactParts(hash func(parts ...string) [][]byte) []contact.Part {
	return []contact.Part{
		conversation.Repoint, // first: it says what the others look for
		{Name: "turns", Erase: agent.Erase},
		{Name: "bookings", Erase: booking.Erase},
		{Name: "knowledge", Erase: kb.Erase},
		{Name: "dispatch", Erase: dispatch.Erase},
		{Name: "webhooks", Erase: webhook.Erase, Ahead: webhook.EraseAhead},
		{Name: "media", Erase: media.Erase},
		{Name: "simulator", Erase: simulator.Erase},
		{Name: "hash", Hash: hash},
	}
}

// eraser is what operations need of *contact.Store to erase.
type eraser interface {
	Erase(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, by string) (contact.Receipt, error)
	Receipts(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]contact.Receipt, string, error)
	Receipt(ctx context.Context, tenant ingest.TenantID, id string) (contact.Receipt, error)
}

// spool is what operations need of *callback.Spool.
type spool interface {
	Forget(ctx context.Context, tenant ingest.TenantID, who []ingest.Identifier) (int64, error)
}

// EraseContact removes a person for good and returns the receipt.
func (o *Operations) EraseContact(ctx context.Context, caller tenant.Caller, id ingest.ContactID) (contact.Receipt, error) {
	c, err := o.Contact(ctx, caller, id)
	if err == nil && c.MergedInto != "" {
		c, err = o.Contact(ctx, caller, c.MergedInto)
	}
	if err != nil {
		return contact.Receipt{}, err
	}
	if _, err := o.p.Spool.Forget(ctx, caller.Tenant, c.Identifiers); err != nil { // first: it may be done twice
		return contact.Receipt{}, err
	}
	return o.p.Contacts.Erase(ctx, caller.Tenant, c.ID, caller.KeyID)
}

// Erasures lists the receipts, newest first.
func (o *Operations) Erasures(ctx context.Context, caller tenant.Caller, limit int, after string) (Page[contact.Receipt], error) {
	items, next, err := o.p.Contacts.Receipts(ctx, caller.Tenant, limit, after)
	return Page[contact.Receipt]{items, next}, err
}

// Erasure returns a receipt.
func (o *Operations) Erasure(ctx context.Context, caller tenant.Caller, id string) (contact.Receipt, error) {
	r, err := o.p.Contacts.Receipt(ctx, caller.Tenant, id)
	if errors.Is(err, contact.ErrNoReceipt) {
		err = ErrNotFound
	}
	return r, err
}
