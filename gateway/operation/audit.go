package operation

import (
	"context"

	"frontdesk/gateway/audit"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// auditLog is what operations need of *audit.Store.
type auditLog interface {
	Entries(ctx context.Context, tenant ingest.TenantID, f audit.Filter) ([]audit.Entry, string, error)
}

// Audit lists who changed what, newest first.
func (o *Operations) Audit(ctx context.Context, caller tenant.Caller, f audit.Filter) (Page[audit.Entry], error) {
	items, next, err := o.p.Audit.Entries(ctx, caller.Tenant, f)
	return Page[audit.Entry]{items, next}, err
}
