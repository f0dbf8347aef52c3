package api

import (
	"context"

	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
)

const webhooksRead, webhooksWrite, webhooksTag = "webhooks:read", "webhooks:write", "Webhooks"

func webhookRoutes(ops *operation.Operations) []Route {
	return append(endpointRoutes(ops), deliveryRoutes(ops)...)
}

func endpointRoutes(ops *operation.Operations) []Route {
	const read, write, tag = webhooksRead, webhooksWrite, webhooksTag
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/webhooks", ID: "listWebhooks", Tag: tag, Scope: read, Summary: "List webhooks, newest first"},
			func(ctx context.Context, c tenant.Caller, in struct{ paging }) (page[webhookResponse], error) {
				p, err := ops.Webhooks(ctx, c, in.Limit, in.Cursor)
				return pageOf(p, toWebhook), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/webhooks", ID: "createWebhook", Tag: tag, Scope: write, Status: 201, Faults: []string{"webhook_exists", "too_many_webhooks"},
			Summary: "Create a webhook", Doc: "Events are sent to its URL, signed with the secret that this answer tells."},
			func(ctx context.Context, c tenant.Caller, in createWebhookRequest) (webhookSecretResponse, error) {
				e, secret, err := ops.CreateWebhook(ctx, c, in.spec())
				return webhookSecretResponse{toWebhook(e), secret}, err
			}),
		BindAll(Route{Method: "GET", Path: "/v1/webhooks/event-types", ID: "listEventTypes", Tag: tag, Scope: read, Summary: "List the events that webhooks can be sent"},
			func(context.Context, tenant.Caller, struct{}) ([]eventTypeResponse, error) { return eventTypes(), nil }),
		Bind(Route{Method: "GET", Path: "/v1/webhooks/{id}", ID: "getWebhook", Tag: tag, Scope: read, Summary: "Get a webhook"},
			func(ctx context.Context, c tenant.Caller, in byID) (webhookResponse, error) {
				e, err := ops.Webhook(ctx, c, in.ID)
				return toWebhook(e), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/webhooks/{id}", ID: "updateWebhook", Tag: tag, Scope: write, Faults: []string{"webhook_exists"},
			Summary: "Change a webhook", Doc: "What is left out stays as it is."},
			func(ctx context.Context, c tenant.Caller, in updateWebhookRequest) (webhookResponse, error) {
				e, err := ops.UpdateWebhook(ctx, c, in.ID, in.change())
				return toWebhook(e), err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/webhooks/{id}", ID: "deleteWebhook", Tag: tag, Scope: write, Status: 204,
			Summary: "Delete a webhook", Doc: "With its deliveries."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.DeleteWebhook(ctx, c, in.ID)
			}),
		Bind(Route{Method: "POST", Path: "/v1/webhooks/{id}/rotate", ID: "rotateWebhookSecret", Tag: tag, Scope: write, Summary: "Replace a webhook's secret",
			Doc: "The secret and the key pair before sign beside the new ones until the overlap ends, so that receivers can change over without a gap."},
			func(ctx context.Context, c tenant.Caller, in rotateWebhookRequest) (webhookSecretResponse, error) {
				e, secret, err := ops.RotateWebhook(ctx, c, in.ID, in.Secret, in.overlap())
				return webhookSecretResponse{toWebhook(e), secret}, err
			}),
	}
}

// deliveryRoutes are those of what a webhook is sent.
func deliveryRoutes(ops *operation.Operations) []Route {
	const read, write, tag = webhooksRead, webhooksWrite, webhooksTag
	disabled := []string{"webhook_disabled"}
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/webhooks/{id}/test", ID: "testWebhook", Tag: tag, Scope: write, Status: 202, Faults: disabled,
			Summary: "Send a webhook a test event", Doc: "Of the type webhook.test. Get the delivery to see what came back."},
			func(ctx context.Context, c tenant.Caller, in byID) (deliveryResponse, error) {
				d, err := ops.TestWebhook(ctx, c, in.ID)
				return toDelivery(d), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/webhooks/{id}/deliveries", ID: "listWebhookDeliveries", Tag: tag, Scope: read, Summary: "List what a webhook was sent, newest event first"},
			func(ctx context.Context, c tenant.Caller, in deliveryFilter) (page[deliveryResponse], error) {
				p, err := ops.WebhookDeliveries(ctx, c, in.ID, in.filter())
				return pageOf(p, toDelivery), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/webhooks/{id}/deliveries/{delivery}", ID: "getWebhookDelivery", Tag: tag, Scope: read,
			Summary: "Get a delivery with its requests and responses"},
			func(ctx context.Context, c tenant.Caller, in deliveryID) (deliveryDetailResponse, error) {
				d, err := ops.WebhookDelivery(ctx, c, in.ID, in.Delivery)
				return toDeliveryDetail(d), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/webhooks/{id}/deliveries/{delivery}/replay", ID: "replayWebhookDelivery", Tag: tag, Scope: write, Status: 202, Faults: disabled,
			Summary: "Send a delivery again", Doc: "With the same webhook-id and body, and all attempts before it."},
			func(ctx context.Context, c tenant.Caller, in deliveryID) (deliveryResponse, error) {
				d, err := ops.ReplayWebhook(ctx, c, in.ID, in.Delivery)
				return toDelivery(d), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/webhooks/{id}/replay", ID: "replayWebhookDeliveries", Tag: tag, Scope: write, Status: 202, Faults: disabled,
			Summary: "Send the deliveries of a time again", Doc: "Those that failed, unless told otherwise."},
			func(ctx context.Context, c tenant.Caller, in replayRequest) (replayResponse, error) {
				n, err := ops.ReplayWebhooks(ctx, c, in.ID, webhook.Window{Since: in.Since, Until: in.Until, Status: webhook.Status(in.Status), Type: in.Type})
				return replayResponse{n}, err
			}),
	}
}
