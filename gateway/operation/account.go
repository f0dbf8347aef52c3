package operation

import (
	"context"
	"errors"
	"slices"
	"time"

	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// account is what operations need of *tenant.Account.
type account interface {
	Keys(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]tenant.Key, string, error)
	Key(ctx context.Context, tenant ingest.TenantID, id string) (tenant.Key, error)
	CreateKey(ctx context.Context, tenant ingest.TenantID, spec tenant.KeySpec) (tenant.Key, string, error)
	UpdateKey(ctx context.Context, tenant ingest.TenantID, id string, c tenant.KeyChange, may func(before, after tenant.Key) error) (tenant.Key, error)
	RotateKey(ctx context.Context, tenant ingest.TenantID, id string, overlap time.Duration, may func(tenant.Key) error) (tenant.Key, string, error)
	RevokeKey(ctx context.Context, tenant ingest.TenantID, id string, may func(tenant.Key) error) error
	UpdateBusiness(ctx context.Context, tenant ingest.TenantID, c tenant.BusinessChange) (tenant.Tenant, error)
	Tenant(ctx context.Context, tenant ingest.TenantID) (tenant.Tenant, error)
}

// ForbiddenError is what the caller's key may not do, though it has the scope.
type ForbiddenError struct{ Code, Message string }

func (e *ForbiddenError) Error() string { return e.Code + ": " + e.Message }

// covers refuses what a key must not do to one that may more than itself: else
// a key that may do little could make one that may do all, or take its secret.
func covers(caller tenant.Caller, k tenant.Key) error {
	return refusedBeyond(caller.Covers(k))
}

func refusedBeyond(beyond string, ok bool) error {
	if !ok {
		return &ForbiddenError{"beyond_own_key", "a key cannot make, change or end one that may more than itself; beyond this one is " + beyond}
	}
	return nil
}

// Keys lists the keys of the business, revoked ones too, newest first.
func (o *Operations) Keys(ctx context.Context, caller tenant.Caller, limit int, after string) (Page[tenant.Key], error) {
	items, next, err := o.p.Account.Keys(ctx, caller.Tenant, limit, after)
	return Page[tenant.Key]{items, next}, err
}

// Key returns a key.
func (o *Operations) Key(ctx context.Context, caller tenant.Caller, id string) (tenant.Key, error) {
	return o.p.Account.Key(ctx, caller.Tenant, id)
}

// CreateKey makes a key that may no more than the caller's, and returns its
// secret, which is told this once. What spec leaves out is as with the caller,
// with whose key it shares its limits.
func (o *Operations) CreateKey(ctx context.Context, caller tenant.Caller, spec tenant.KeySpec) (tenant.Key, string, error) {
	if spec.Mode == "" {
		spec.Mode = caller.Mode
	}
	if spec.Dialect == "" {
		spec.Dialect = tenant.Native
	}
	if spec.Plan == "" {
		spec.Plan = caller.KeyPlan()
	}
	if spec.ExpiresAt.IsZero() {
		spec.ExpiresAt = caller.Expires()
	}
	var err error
	if spec.Scopes, err = scopes(spec.Scopes); err != nil {
		return tenant.Key{}, "", err
	}
	if err := stillToCome(spec.ExpiresAt); err != nil {
		return tenant.Key{}, "", err
	}
	if err := covers(caller, tenant.Key{Scopes: spec.Scopes, Mode: spec.Mode, Dialect: spec.Dialect, Plan: spec.Plan, ExpiresAt: spec.ExpiresAt}); err != nil {
		return tenant.Key{}, "", err
	}
	spec.Root = caller.Root()
	k, secret, err := o.p.Account.CreateKey(ctx, caller.Tenant, spec)
	return k, secret, explainedKey(err)
}

// scopes returns list in order, each once.
func scopes(list []string) ([]string, error) {
	for _, s := range list {
		if !tenant.ValidScope(s) {
			return nil, &InvalidError{"scopes", `a scope such as contacts:read is expected, or "*": ` + s + " is none"}
		}
	}
	if len(list) == 0 {
		return nil, &InvalidError{"scopes", "is missing; a key without a scope may do nothing"}
	}
	out := slices.Sorted(slices.Values(list))
	return slices.Compact(out), nil
}

func stillToCome(t time.Time) error {
	if !t.IsZero() && !t.After(time.Now()) {
		return &InvalidError{"expires_at", "lies in the past; revoke the key to end it now"}
	}
	return nil
}

// UpdateKey changes a key.
func (o *Operations) UpdateKey(ctx context.Context, caller tenant.Caller, id string, c tenant.KeyChange) (tenant.Key, error) {
	if c.Scopes != nil {
		list, err := scopes(*c.Scopes)
		if err != nil {
			return tenant.Key{}, err
		}
		c.Scopes = &list
	}
	if c.ExpiresAt != nil {
		if err := stillToCome(*c.ExpiresAt); err != nil {
			return tenant.Key{}, err
		}
	}
	k, err := o.p.Account.UpdateKey(ctx, caller.Tenant, id, c, func(before, after tenant.Key) error {
		if err := covers(caller, before); err != nil {
			return err
		}
		return covers(caller, after)
	})
	return k, explainedKey(err)
}

// RotateKey gives a key a new secret and returns it, told this once. The
// present one is good for overlap more.
func (o *Operations) RotateKey(ctx context.Context, caller tenant.Caller, id string, overlap time.Duration) (tenant.Key, string, error) {
	k, secret, err := o.p.Account.RotateKey(ctx, caller.Tenant, id, overlap, func(k tenant.Key) error { return covers(caller, k) })
	return k, secret, explainedKey(err)
}

// RevokeKey ends a key, everywhere within a second.
func (o *Operations) RevokeKey(ctx context.Context, caller tenant.Caller, id string) error {
	return explainedKey(o.p.Account.RevokeKey(ctx, caller.Tenant, id, func(k tenant.Key) error { return refusedBeyond(caller.Outranks(k)) }))
}

func explainedKey(err error) error {
	switch {
	case errors.Is(err, tenant.ErrKeyExists):
		return &ConflictError{"key_exists", "another key in use has this name; give this one another, or revoke that one"}
	case errors.Is(err, tenant.ErrTooManyKeys):
		return &ConflictError{"too_many_keys", tenant.ErrTooManyKeys.Error()}
	case errors.Is(err, tenant.ErrKeyRevoked):
		return &ConflictError{"key_revoked", "the key is revoked; make another one"}
	}
	return err
}

// Business returns the caller's business, as it stands in the database.
func (o *Operations) Business(ctx context.Context, caller tenant.Caller) (tenant.Tenant, error) {
	return o.p.Account.Tenant(ctx, caller.Tenant)
}

// UpdateBusiness changes the caller's business.
func (o *Operations) UpdateBusiness(ctx context.Context, caller tenant.Caller, c tenant.BusinessChange) (tenant.Tenant, error) {
	return o.p.Account.UpdateBusiness(ctx, caller.Tenant, c)
}
