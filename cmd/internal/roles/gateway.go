package roles

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/agent/contact"
	"frontdesk/analytics"
	"frontdesk/cmd/internal/boot"
	"frontdesk/gateway/api"
	"frontdesk/gateway/audit"
	"frontdesk/gateway/bookpage"
	"frontdesk/gateway/callback"
	"frontdesk/gateway/console"
	"frontdesk/gateway/dialect/convoai"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/limit"
	"frontdesk/gateway/media"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/provider/simulator"
	"frontdesk/gateway/template"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/usage"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest/stream"
)

// Paths of callbacks. Providers have them in their settings.
const (
	whatsappPath     = "/callbacks/whatsapp"
	twilioPath       = "/callbacks/twilio"
	twilioStatusPath = "/callbacks/twilio/status"
)

// Gateway serves callbacks, the API and the simulator, and publishes what lies
// in the callbacks' spool.
func (h *House) Gateway() error {
	callbacks, err := h.callbackRoutes()
	if err != nil {
		return err
	}
	ops, err := h.operations()
	if err != nil {
		return err
	}
	server, err := h.server(ops, callbacks)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", h.Config.Listen)
	if err != nil {
		return fmt.Errorf("FRONTDESK_LISTEN: %w", err)
	}
	h.Group.Go(boot.Workers, "scheduled messages", operation.NewScheduler(ops, h.conversations, h.Directory, h.Log).Run)
	importer := contact.NewImporter(h.contacts, contact.ImporterConfig{Phone: operation.Phone, Log: h.Log})
	h.Group.Go(boot.Workers, "contact imports", importer.Run)
	h.Group.Go(boot.Workers, "audit log", audit.NewPruner(h.db, time.Duration(h.Config.AuditDays)*24*time.Hour, h.Log).Run)
	h.Group.Go(boot.Intake, "http server", func(ctx context.Context) error { return server.Serve(ctx, ln) })
	return nil
}

func (h *House) callbackRoutes() ([]edge.Route, error) {
	cfg := callback.DefaultConfig()
	cfg.PublicURL, cfg.NeverPublishable, cfg.Log, cfg.Metrics = h.Config.PublicURL, stream.ErrTooLarge, h.Log, h.Metrics
	cfg.Patient = h.producer.Patient(patience)
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := callback.New(cfg, h.Directory, h.producer, callback.NewSpool(h.db))
	h.Group.Go(boot.Workers, "callback spool", c.Run)
	return []edge.Route{
		{Method: http.MethodGet, Path: whatsappPath, Raw: c.ServeWhatsApp, Quiet: true},
		{Method: http.MethodPost, Path: whatsappPath, Raw: c.ServeWhatsApp, Quiet: true},
		{Method: http.MethodGet, Path: twilioPath, Raw: c.ServeTwilio, Quiet: true},
		{Method: http.MethodPost, Path: twilioPath, Raw: c.ServeTwilio, Quiet: true},
		{Method: http.MethodPost, Path: twilioStatusPath, Raw: c.ServeTwilioStatus, Quiet: true},
	}, nil
}

func (h *House) operations() (*operation.Operations, error) {
	conn, err := analytics.Open(analytics.Config{URL: string(h.Config.ClickHouseURL)})
	if err != nil {
		return nil, err
	}
	h.Group.Close(boot.Pools, "clickhouse connections of the API", func() { _ = conn.Close() })
	return operation.New(operation.Parts{
		Directory: h.Directory, Conversations: h.conversations, Contacts: h.contacts, Spool: callback.NewSpool(h.db), Knowledge: h.knowledge,
		Gate:     dispatch.NewGate(h.Directory, h.standings(), dispatch.NewPolicies(h.Directory), h.held),
		Webhooks: h.webhooks(), Reach: webhook.NewGuard(h.Config.WebhookAllow...), Agents: h.agents, Analytics: analytics.NewStore(conn),
		Bookings: h.bookings, BusySources: h.busySources(), Links: h.links(),
		Media: media.NewStore(h.db), Fetch: h.mediaFetcher(), MediaLinks: media.NewLinks(h.Config.PublicURL, h.vault),
		Channels: tenant.NewAccount(h.tenants, h.Directory), Twilio: h.twilio(),
		Templates: template.NewStore(h.db), Meta: h.meta(), Account: tenant.NewAccount(h.tenants, h.Directory),
		Audit: audit.NewStore(h.db), Usage: usage.NewStore(h.db),
	}), nil
}

func (h *House) server(ops *operation.Operations, callbacks []edge.Route) (*edge.Server, error) {
	native := api.Routes(ops)
	described, err := h.described(native)
	if err != nil {
		return nil, err
	}
	limits := limit.New(limit.NewStore(h.db), h.limitConfig())
	h.Group.Go(boot.Producers, "limits", limits.Run)
	h.Metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "frontdesk_limits_shared", Help: "1 while limits are shared with the other gateways; 0 while each goes on with its part, as Postgres does not answer.",
	}, limits.Shared))
	answers := edge.NewIdempotencyStore(h.db, h.vault)
	h.Group.Go(boot.Workers, "idempotency keys", answers.Run)
	server := api.NewServer(h.Directory, limits, edge.NewIdempotency(answers, api.Explain, h.Log), h.vault)
	routes := slices.Concat(
		callbacks,
		server.Mount(api.Native(), native),
		server.Mount(convoai.Style(), convoai.Routes(ops)),
		described,
		api.AdminRoutes(string(h.Config.AdminToken), h.Applier),
		h.consoleRoutes(),
		h.bookingPages(ops),
		[]edge.Route{api.MediaLinkRoute(ops)},
	)
	return edge.New(h.edgeConfig(), edge.Options{
		Routes: routes, Explain: api.Explain, Faults: map[string]edge.FaultBody{convoai.Prefix: convoai.Failure},
		Ready: h.Health.Ready, Log: h.Log, Metrics: h.Metrics,
	})
}

// mediaFetcher gets what contacts sent from where their providers keep it.
func (h *House) mediaFetcher() *media.Fetcher {
	f := media.NewFetcher(h.meta(), string(h.Config.TwilioBaseURL), webhook.NewGuard().Transport(nil, nil))
	f.Simulate = simulator.Rewriter(h.loopback())
	return f
}

// links is the addresses that customers get.
func (h *House) links() *bookpage.Links { return bookpage.NewLinks(h.Config.PublicURL, h.vault) }

// bookingPages is where customers book.
func (h *House) bookingPages(ops *operation.Operations) []edge.Route {
	return bookpage.New(bookpage.Config{TrustedProxies: h.Config.TrustedProxies}, h.Directory, ops, h.links(), edge.NewLimiter(nil)).Routes()
}

func (h *House) limitConfig() limit.Config {
	cfg := limit.DefaultConfig()
	cfg.Log = h.Log
	return cfg
}

// consoleRoutes is the simulator with its page. Its callbacks go through this
// process's own listener, like those of a provider.
func (h *House) consoleRoutes() []edge.Route {
	sim := simulator.New(simulator.Config{CallbackURL: h.loopback(), PublicURL: h.Config.PublicURL}, h.Directory, simulator.NewStore(h.db), h.Log)
	h.Group.Go(boot.Workers, "simulator", sim.Run)
	return console.New(h.Directory, sim, console.NewInsight(h.contacts, h.conversations, h.agents)).Routes()
}

func (h *House) edgeConfig() edge.Config {
	cfg := edge.DefaultConfig()
	cfg.Listen, cfg.CORSOrigins, cfg.DrainDelay = h.Config.Listen, h.Config.CORSOrigins, h.Config.DrainDelay
	cfg.TrustedProxies = h.Config.TrustedProxies
	return cfg
}

// loopback is how this process reaches its own public listener: the simulator
// is a provider on the wire, also to the process that serves it.
func (h *House) loopback() string {
	host, port, err := net.SplitHostPort(h.Config.Listen)
	if err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
