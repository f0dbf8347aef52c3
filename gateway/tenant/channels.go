package tenant

import (
	"context"

	"frontdesk/ingest"
)

// CreateChannel is [Store.CreateChannel].
func (a *Account) CreateChannel(ctx context.Context, tenant ingest.TenantID, spec ChannelSpec) (ingest.ChannelID, error) {
	id, err := a.Store.CreateChannel(ctx, tenant, spec)
	return id, a.tell(ctx, err)
}

// UpdateChannel is [Store.UpdateChannel].
func (a *Account) UpdateChannel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID, change func(map[string]any)) error {
	return a.tell(ctx, a.Store.UpdateChannel(ctx, tenant, id, change))
}

// RemoveChannel is [Store.RemoveChannel].
func (a *Account) RemoveChannel(ctx context.Context, tenant ingest.TenantID, id ingest.ChannelID) error {
	return a.tell(ctx, a.Store.RemoveChannel(ctx, tenant, id))
}
