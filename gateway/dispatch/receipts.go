package dispatch

import (
	"context"
	"fmt"
	"time"

	"frontdesk/gateway/provider"
	"frontdesk/ingest"
)

// statuses applies what providers report. Applying it again changes nothing.
type statuses interface {
	ApplyReceipts(ctx context.Context, tenant ingest.TenantID, receipts []ingest.Receipt) error
}

// Receipts applies the events of TopicReceipts: statuses to messages, opt-outs
// to contacts.
type Receipts struct {
	statuses    statuses
	preferences preferences
	classify    map[string]provider.Classifier // by adapter
}

// NewReceipts returns a handler; classify tells by adapter what a code in a
// failed receipt calls for.
func NewReceipts(statuses statuses, preferences preferences, classify map[string]provider.Classifier) *Receipts {
	return &Receipts{statuses, preferences, classify}
}

// Handle applies receipts, those of one tenant in one step and in their order.
// An error stands for an event that must be handled again, one that wraps
// [ingest.ErrMalformed] for an event that never can be.
func (r *Receipts) Handle(ctx context.Context, events []ingest.Event) []error {
	errs := make([]error, len(events))
	groups := map[ingest.TenantID]*receiptGroup{}
	for i, e := range events {
		if e.Type != ingest.ReceiptReceived {
			continue
		}
		var receipt ingest.Receipt
		if errs[i] = e.DecodeData(&receipt); errs[i] != nil {
			continue
		}
		if receipt.Tenant != e.Tenant {
			errs[i] = fmt.Errorf("%w: a receipt of another tenant than its event's", ingest.ErrMalformed)
			continue
		}
		g := groups[e.Tenant]
		if g == nil {
			g = &receiptGroup{}
			groups[e.Tenant] = g
		}
		g.receipts, g.events = append(g.receipts, receipt), append(g.events, i)
	}
	for tenant, g := range groups {
		if err := r.apply(ctx, tenant, g.receipts); err != nil {
			for _, i := range g.events {
				errs[i] = err
			}
		}
	}
	return errs
}

type receiptGroup struct {
	receipts []ingest.Receipt
	events   []int
}

func (r *Receipts) apply(ctx context.Context, tenant ingest.TenantID, receipts []ingest.Receipt) error {
	if err := r.statuses.ApplyReceipts(ctx, tenant, receipts); err != nil {
		return fmt.Errorf("apply receipts: %w", err)
	}
	for _, receipt := range receipts {
		category, optedOut := r.optOut(receipt)
		if !optedOut {
			continue
		}
		m := ingest.Message{Tenant: tenant, Channel: receipt.Channel, Party: receipt.Party}
		if err := r.preferences.SetPreference(ctx, tenant, *refusal(m, category, orNow(receipt.At))); err != nil {
			return fmt.Errorf("keep an opt-out: %w", err)
		}
	}
	return nil
}

// optOut reports whether a failed receipt says that the contact wants nothing
// more, and of which category.
func (r *Receipts) optOut(receipt ingest.Receipt) (category string, ok bool) {
	classify := r.classify[receipt.Provider]
	if receipt.Status != ingest.Failed || classify == nil || len(receipt.Party.Identifiers) == 0 {
		return "", false
	}
	for _, e := range receipt.Errors {
		if v, known := classify(e.Code); known && v.Reason == provider.OptedOut {
			return v.Category, true
		}
	}
	return "", false
}

func orNow(t time.Time) time.Time {
	if t.IsZero() {
		return time.Now()
	}
	return t
}
