package roles

import (
	"frontdesk/cmd/internal/boot"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/gateway/provider/twilio"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/gateway/template"
	"frontdesk/ingest"
)

const templatesGroup = "frontdesk.templates"

// Dispatch sends what is queued and applies what providers report of it.
func (h *House) Dispatch() error {
	d := dispatch.New(dispatch.DefaultConfig(), dispatch.Parts{
		Store: h.held, Ledger: dispatch.NewLedger(h.conversations), Standings: h.standings(), Policies: dispatch.NewPolicies(h.Directory),
		Preferences: h.contacts, Directory: h.Directory, Senders: h.senders(), Simulate: simulator.Rewriter(h.loopback()), Log: h.Log,
	})
	if err := h.consume("frontdesk.dispatch", d, ingest.TopicOutbound); err != nil {
		return err
	}
	receipts := dispatch.NewReceipts(h.conversations, h.contacts, map[string]provider.Classifier{
		provider.WhatsApp: whatsapp.Classify, provider.Twilio: twilio.Classify,
	})
	if err := h.consume("frontdesk.receipts", receipts, ingest.TopicReceipts); err != nil {
		return err
	}
	h.Group.Go(boot.Workers, "parked sends", d.Run)
	if err := h.consume(templatesGroup, template.NewHandler(template.NewStore(h.db)), ingest.TopicEvents); err != nil {
		return err
	}
	marks := newReadMarks(d, h.Directory, h.Log)
	h.Metrics.MustRegister(marks.marked, marks.failed)
	return h.consume(readMarksGroup, marks.handler(), ingest.TopicInbound)
}

// meta is Meta's Graph API beyond sending.
func (h *House) meta() *whatsapp.Sender {
	cfg := whatsapp.DefaultConfig()
	cfg.BaseURL = string(h.Config.MetaBaseURL)
	return whatsapp.NewSender(cfg)
}

// twilio is Twilio's API beyond sending.
func (h *House) twilio() *twilio.Sender {
	cfg := twilio.DefaultConfig()
	cfg.BaseURL = string(h.Config.TwilioBaseURL)
	return twilio.NewSender(cfg)
}

func (h *House) senders() map[string]provider.Sender {
	meta, sms := whatsapp.DefaultConfig(), twilio.DefaultConfig()
	meta.BaseURL, sms.BaseURL = string(h.Config.MetaBaseURL), string(h.Config.TwilioBaseURL)
	transport := dispatch.NewTransport()
	meta.Transport, sms.Transport = transport, transport
	sms.StatusCallback = h.Config.PublicURL + twilioStatusPath
	return map[string]provider.Sender{provider.WhatsApp: whatsapp.NewSender(meta), provider.Twilio: twilio.NewSender(sms)}
}

func (h *House) standings() *dispatch.Standings {
	return dispatch.NewStandings(h.contacts, h.conversations)
}
