package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/gateway/provider"
	"frontdesk/ingest"
	"frontdesk/ingest/tenantdb"
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
		r.group(ctx, tenant, *g, errs)
	}
	return errs
}

// receiptGroup is a tenant's receipts and their places among the events.
type receiptGroup struct {
	receipts []ingest.Receipt
	events   []int
}

// group applies g in one step or, where that fails for a reason that may lie in
// one of them, each by itself: any tenant can sign a callback of an odd kind, and
// shares the partition with others.
func (r *Receipts) group(ctx context.Context, tenant ingest.TenantID, g receiptGroup, errs []error) {
	err := r.apply(ctx, tenant, g.receipts)
	switch {
	case err == nil:
	case !poisonous(err):
		for _, i := range g.events {
			errs[i] = err
		}
	case len(g.events) == 1:
		errs[g.events[0]] = fmt.Errorf("%w: %w", ingest.ErrMalformed, err)
	default:
		for i := range g.events {
			r.group(ctx, tenant, receiptGroup{g.receipts[i : i+1], g.events[i : i+1]}, errs)
		}
	}
}

// poisonous reports whether err comes of what was to be stored, so that the same
// again would fail again.
func poisonous(err error) bool {
	return tenantdb.Poisonous(err) || errors.Is(err, contact.ErrNoIdentifier)
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
