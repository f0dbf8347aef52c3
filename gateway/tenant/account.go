package tenant

import (
	"context"
	"time"

	"frontdesk/ingest"
)

// Account changes a business and its keys, and has the directory of this
// process know before it returns; those of others know within a second.
type Account struct {
	*Store
	directory *Directory
}

// NewAccount returns an account over store that tells directory.
func NewAccount(store *Store, directory *Directory) *Account {
	return &Account{store, directory}
}

// CreateKey is [Store.CreateKey].
func (a *Account) CreateKey(ctx context.Context, tenant ingest.TenantID, spec KeySpec) (Key, string, error) {
	k, secret, err := a.Store.CreateKey(ctx, tenant, spec)
	return k, secret, a.tell(ctx, err)
}

// UpdateKey is [Store.UpdateKey].
func (a *Account) UpdateKey(ctx context.Context, tenant ingest.TenantID, id string, c KeyChange, may func(before, after Key) error) (Key, error) {
	k, err := a.Store.UpdateKey(ctx, tenant, id, c, may)
	return k, a.tell(ctx, err)
}

// RotateKey is [Store.RotateKey].
func (a *Account) RotateKey(ctx context.Context, tenant ingest.TenantID, id string, overlap time.Duration, may func(Key) error) (Key, string, error) {
	k, secret, err := a.Store.RotateKey(ctx, tenant, id, overlap, may)
	return k, secret, a.tell(ctx, err)
}

// RevokeKey is [Store.RevokeKey].
func (a *Account) RevokeKey(ctx context.Context, tenant ingest.TenantID, id string, may func(Key) error) error {
	return a.tell(ctx, a.Store.RevokeKey(ctx, tenant, id, may))
}

// UpdateBusiness is [Store.UpdateBusiness].
func (a *Account) UpdateBusiness(ctx context.Context, tenant ingest.TenantID, c BusinessChange) (Tenant, error) {
	t, err := a.Store.UpdateBusiness(ctx, tenant, c)
	return t, a.tell(ctx, err)
}

// tell refreshes the directory after a change. The change stands even if that
// does not work out, so it is no error: the directory asks again by itself.
func (a *Account) tell(ctx context.Context, err error) error {
	if err == nil {
		_ = a.directory.Refresh(ctx)
	}
	return err
}
