package operation

import (
	"context"

	"frontdesk/analytics"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// reports is what operations need of *analytics.Store.
type reports interface {
	Query(ctx context.Context, tenant ingest.TenantID, q analytics.Query) (analytics.Result, error)
}

// Report answers a question about the tenant's traffic.
func (o *Operations) Report(ctx context.Context, caller tenant.Caller, q analytics.Query) (analytics.Result, error) {
	return o.p.Analytics.Query(ctx, caller.Tenant, q)
}
