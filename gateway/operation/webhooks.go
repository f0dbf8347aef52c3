package operation

import (
	"context"
	"errors"
	"time"

	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

// webhooks is what operations need of *webhook.Store.
type webhooks interface {
	Endpoint(ctx context.Context, tenant ingest.TenantID, id string) (webhook.Endpoint, error)
	Endpoints(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]webhook.Endpoint, string, error)
	Create(ctx context.Context, tenant ingest.TenantID, spec webhook.Spec) (webhook.Endpoint, string, error)
	Save(ctx context.Context, tenant ingest.TenantID, spec webhook.Spec) (webhook.Endpoint, string, error)
	Update(ctx context.Context, tenant ingest.TenantID, id string, change webhook.Change) (webhook.Endpoint, error)
	Delete(ctx context.Context, tenant ingest.TenantID, id string) error
	Rotate(ctx context.Context, tenant ingest.TenantID, id, secret string, overlap time.Duration) (webhook.Endpoint, string, error)
	Test(ctx context.Context, tenant ingest.TenantID, id string) (webhook.Delivery, error)
	Deliveries(ctx context.Context, tenant ingest.TenantID, id string, f webhook.Filter) ([]webhook.Delivery, string, error)
	Delivery(ctx context.Context, tenant ingest.TenantID, id, delivery string) (webhook.Delivery, error)
	Replay(ctx context.Context, tenant ingest.TenantID, id, delivery string) (webhook.Delivery, error)
	ReplayAll(ctx context.Context, tenant ingest.TenantID, id string, w webhook.Window) (int, error)
}

// reach tells where a webhook may lead.
type reach interface {
	CheckURL(url string) error
}

// Webhooks lists endpoints, newest first.
func (o *Operations) Webhooks(ctx context.Context, caller tenant.Caller, limit int, after string) (Page[webhook.Endpoint], error) {
	items, next, err := o.p.Webhooks.Endpoints(ctx, caller.Tenant, limit, after)
	return Page[webhook.Endpoint]{items, next}, err
}

// Webhook returns an endpoint.
func (o *Operations) Webhook(ctx context.Context, caller tenant.Caller, id string) (webhook.Endpoint, error) {
	return o.p.Webhooks.Endpoint(ctx, caller.Tenant, id)
}

// CreateWebhook keeps a developer's endpoint and returns the secret that signs
// what is sent to it. Channels may be given by name or id.
func (o *Operations) CreateWebhook(ctx context.Context, caller tenant.Caller, spec webhook.Spec) (webhook.Endpoint, string, error) {
	if err := o.checkWebhook(ctx, caller, &spec); err != nil {
		return webhook.Endpoint{}, "", err
	}
	e, secret, err := o.p.Webhooks.Create(ctx, caller.Tenant, spec)
	return e, secret, explained(err)
}

// SaveWebhook is CreateWebhook, but an endpoint of the same URL and agent is
// changed instead; secret is empty then unless it has changed.
func (o *Operations) SaveWebhook(ctx context.Context, caller tenant.Caller, spec webhook.Spec) (webhook.Endpoint, string, error) {
	if err := o.checkWebhook(ctx, caller, &spec); err != nil {
		return webhook.Endpoint{}, "", err
	}
	e, secret, err := o.p.Webhooks.Save(ctx, caller.Tenant, spec)
	return e, secret, explained(err)
}

func (o *Operations) checkWebhook(ctx context.Context, caller tenant.Caller, spec *webhook.Spec) error {
	if err := o.p.Reach.CheckURL(spec.URL); err != nil {
		return explained(err)
	}
	if err := o.owns(ctx, caller, spec.Agent); err != nil {
		return err
	}
	var err error
	spec.Channels, err = o.webhookChannels(ctx, caller, spec.Channels)
	return err
}

func (o *Operations) webhookChannels(ctx context.Context, caller tenant.Caller, channels []ingest.ChannelID) ([]ingest.ChannelID, error) {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = string(c)
	}
	if len(names) == 0 {
		return nil, nil
	}
	return o.channelIDs(ctx, caller.Tenant, names)
}

// UpdateWebhook changes an endpoint.
func (o *Operations) UpdateWebhook(ctx context.Context, caller tenant.Caller, id string, change webhook.Change) (webhook.Endpoint, error) {
	if _, err := o.Webhook(ctx, caller, id); err != nil {
		return webhook.Endpoint{}, err
	}
	if change.URL != nil {
		if err := o.p.Reach.CheckURL(*change.URL); err != nil {
			return webhook.Endpoint{}, explained(err)
		}
	}
	if change.Agent != nil {
		if err := o.owns(ctx, caller, *change.Agent); err != nil {
			return webhook.Endpoint{}, err
		}
	}
	if change.Channels != nil {
		ids, err := o.webhookChannels(ctx, caller, *change.Channels)
		if err != nil {
			return webhook.Endpoint{}, err
		}
		change.Channels = &ids
	}
	e, err := o.p.Webhooks.Update(ctx, caller.Tenant, id, change)
	return e, explained(err)
}

// DeleteWebhook removes an endpoint with its deliveries.
func (o *Operations) DeleteWebhook(ctx context.Context, caller tenant.Caller, id string) error {
	return o.p.Webhooks.Delete(ctx, caller.Tenant, id)
}

// RotateWebhook gives an endpoint a new secret and key pair and returns the
// secret. Those before sign beside them for overlap more.
func (o *Operations) RotateWebhook(ctx context.Context, caller tenant.Caller, id, secret string, overlap time.Duration) (webhook.Endpoint, string, error) {
	e, fresh, err := o.p.Webhooks.Rotate(ctx, caller.Tenant, id, secret, overlap)
	return e, fresh, explained(err)
}

// TestWebhook has a test event sent to an endpoint.
func (o *Operations) TestWebhook(ctx context.Context, caller tenant.Caller, id string) (webhook.Delivery, error) {
	d, err := o.p.Webhooks.Test(ctx, caller.Tenant, id)
	return d, explained(err)
}

// WebhookDeliveries lists an endpoint's deliveries, newest first.
func (o *Operations) WebhookDeliveries(ctx context.Context, caller tenant.Caller, id string, f webhook.Filter) (Page[webhook.Delivery], error) {
	items, next, err := o.p.Webhooks.Deliveries(ctx, caller.Tenant, id, f)
	return Page[webhook.Delivery]{items, next}, err
}

// WebhookDelivery returns a delivery with its attempts.
func (o *Operations) WebhookDelivery(ctx context.Context, caller tenant.Caller, id, delivery string) (webhook.Delivery, error) {
	return o.p.Webhooks.Delivery(ctx, caller.Tenant, id, delivery)
}

// ReplayWebhook sends a delivery again.
func (o *Operations) ReplayWebhook(ctx context.Context, caller tenant.Caller, id, delivery string) (webhook.Delivery, error) {
	d, err := o.p.Webhooks.Replay(ctx, caller.Tenant, id, delivery)
	return d, explained(err)
}

// ReplayWebhooks sends the deliveries of a window again and returns how many.
func (o *Operations) ReplayWebhooks(ctx context.Context, caller tenant.Caller, id string, w webhook.Window) (int, error) {
	n, err := o.p.Webhooks.ReplayAll(ctx, caller.Tenant, id, w)
	return n, explained(err)
}

// explained turns what the store refuses into what a caller is told.
func explained(err error) error {
	var wrong *webhook.InvalidError
	switch {
	case errors.As(err, &wrong):
		return &InvalidError{wrong.Field, wrong.Message}
	case errors.Is(err, webhook.ErrURLTaken):
		return &ConflictError{"webhook_exists", "the business has a webhook of this URL; change that one"}
	case errors.Is(err, webhook.ErrTooMany):
		return &ConflictError{"too_many_webhooks", "the business has 100 webhooks, which is as many as it may; delete one"}
	case errors.Is(err, webhook.ErrDisabled):
		return &ConflictError{"webhook_disabled", "the webhook is disabled; set enabled to true first"}
	}
	return err
}
