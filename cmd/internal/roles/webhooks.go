package roles

import (
	"cmp"

	"frontdesk/cmd/internal/boot"
	"frontdesk/gateway/api"
	"frontdesk/gateway/busy"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
)

const webhooksGroup = "frontdesk.webhooks"

// webhooks is where developers' endpoints and deliveries are kept. Dialects
// whose deliveries look different are named here, by format.
func (h *House) webhooks() *webhook.Store {
	return webhook.NewStore(h.db, h.vault, map[string]webhook.Form{"standard": webhook.Standard{}})
}

// busySources is where it is kept which calendars of staff are fetched.
func (h *House) busySources() *busy.Store { return busy.NewStore(h.db, h.vault) }

// fetchCalendars keeps the busy times of staff as their own calendars have them.
func (h *House) fetchCalendars() error {
	cfg := busy.DefaultConfig()
	cfg.Allow, cfg.Log = h.Config.WebhookAllow, h.Log
	worker, err := busy.NewWorker(h.busySources(), h.bookings, cfg)
	if err != nil {
		return err
	}
	h.Group.Go(boot.Workers, "calendars of staff", worker.Run)
	return nil
}

// Webhooks tells developers what happens, and fetches the calendars that they
// named.
func (h *House) Webhooks() error {
	store := h.webhooks()
	cfg := webhook.DefaultConfig()
	cfg.Allow, cfg.Log = h.Config.WebhookAllow, h.Log
	cfg.Poll = cmp.Or(h.poll(), cfg.Poll)
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
	return h.fetchCalendars()
}
