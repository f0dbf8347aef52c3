package roles

import (
	"frontdesk/cmd/internal/boot"
	"frontdesk/gateway/api"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

const webhooksGroup = "frontdesk.webhooks"

// webhooks is where developers' endpoints and deliveries are kept. Dialects
// whose deliveries look different are named here, by format.
func (h *House) webhooks() *webhook.Store {
	return webhook.NewStore(h.db, h.vault, map[string]webhook.Form{"standard": webhook.Standard{}})
}

// Webhooks tells developers what happens.
func (h *House) Webhooks() error {
	store := h.webhooks()
	cfg := webhook.DefaultConfig()
	cfg.Allow, cfg.Log = h.Config.WebhookAllow, h.Log
	sender, err := webhook.NewSender(store, cfg)
	if err != nil {
		return err
	}
	h.Metrics.MustRegister(sender.Collectors()...)
	handler := webhook.NewHandler(webhook.Parts{
		Store: store, Messages: h.conversations, Agents: h.agents, Render: api.RenderMessage, Wake: sender.Wake,
	})
	if err := h.consume(webhooksGroup, handler, ingest.TopicEvents, ingest.TopicInbound); err != nil {
		return err
	}
	h.Group.Go(boot.Workers, "webhook sender", sender.Run)
	return nil
}
