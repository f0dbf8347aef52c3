package roles

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/agent/outbox"
	"frontdesk/cmd/internal/boot"
	"frontdesk/deploy/schema"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
	"frontdesk/ingest/stream"
	"frontdesk/ingest/tenantdb"
	"frontdesk/kb"
)

// House is what all roles of a process share. Make it with [Open]; then call
// the roles it is to have.
type House struct {
	Config    Engines
	Group     *boot.Group
	Health    *boot.Health
	Metrics   *prometheus.Registry
	Log       *slog.Logger
	Directory *tenant.Directory
	Applier   *tenant.Applier

	db            *tenantdb.DB
	producer      *stream.Producer
	relay         *outbox.Relay
	vault         *tenant.Vault
	tenants       *tenant.Store
	contacts      *contact.Store
	conversations *conversation.Store
	agents        *agent.Store
	bookings      *booking.Store
	knowledge     *kb.Store
	held          *dispatch.Store
}

// Open connects to the servers that cfg names, which must be migrated. What it
// starts is g's to stop.
func Open(g *boot.Group, health *boot.Health, cfg Engines, log *slog.Logger) (*House, error) {
	h := &House{Config: cfg, Group: g, Health: health, Metrics: boot.NewRegistry(), Log: log}
	for _, step := range []func(context.Context) error{h.openPostgres, h.openProducer, h.openStores} {
		if err := step(g.Context()); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (h *House) openPostgres(ctx context.Context) error {
	system := h.Config.PostgresConns / 3
	db, closePools, err := schema.OpenPostgres(ctx, schema.Config{
		URL: string(h.Config.PostgresURL), MaxConns: h.Config.PostgresConns - system, MaxSystemConns: system,
	})
	if err != nil {
		return err
	}
	h.db = db
	h.Group.Close(boot.Pools, "postgres pools", closePools)
	return nil
}

func (h *House) openProducer(ctx context.Context) error {
	if err := h.Config.countPartitions(ctx); err != nil {
		h.Log.Warn("Kafka is away, so its topics are taken to have the usual number of partitions; start again if they have another", "partitions", ingest.Partitions, "error", err)
	}
	cfg := stream.DefaultProducerConfig()
	cfg.Config = h.Config.kafka()
	p, err := stream.NewProducer(cfg)
	if err != nil {
		return err
	}
	h.producer = p
	h.Group.Go(boot.Producers, "producer", p.Run)
	h.relay = outbox.NewRelay(h.db, p.Patient(patience), outbox.Config{Poll: h.poll(), Log: h.Log})
	return ctx.Err()
}

func (h *House) openStores(ctx context.Context) error {
	key, err := h.Config.KeepMasterKey()
	if err != nil {
		return err
	}
	var older [][]byte
	for _, k := range h.Config.OlderKeys {
		older = append(older, k.Bytes())
	}
	if h.vault, err = tenant.NewVault(key.Bytes(), older...); err != nil {
		return fmt.Errorf("FRONTDESK_MASTER_KEY: %w", err)
	}
	h.tenants = tenant.NewStore(h.db, h.vault)
	h.Directory = tenant.NewDirectory(h.tenants, h.Log)
	h.contacts = contact.NewStore(h.db, operation.ContactParts(h.vault.Tags)...)
	h.conversations = conversation.NewStore(h.db, h.contacts, h.relay.Wake)
	h.agents = agent.NewStore(h.db)
	h.bookings = booking.NewStore(h.db, booking.Config{Now: h.Config.Now, Wake: h.relay.Wake})
	h.held = dispatch.NewStore(h.db, outbox.Add)
	if h.knowledge, err = h.openKnowledge(); err != nil {
		return err
	}
	h.Applier = tenant.NewApplier(h.tenants, h.Directory, h.agents, h.knowledge)
	if err := h.Directory.Refresh(ctx); err != nil {
		return err
	}
	h.Group.Go(boot.Producers, "directory", h.Directory.Run)
	return nil
}

// patience is how long what has no other store waits for the log: less than a
// round of the relay may take.
const patience = 5 * time.Second

// consumerConfig returns how a group of this process reads topics.
func (h *House) consumerConfig(group string, topics ...ingest.Topic) stream.ConsumerConfig {
	cfg := stream.DefaultConsumerConfig()
	cfg.Config, cfg.Group, cfg.Topics = h.Config.kafka(), group, topics
	cfg.Log = h.Log.With("group", group)
	cfg.Linger = lingers[group]
	return cfg
}

// consume runs a consumer of group as a worker, with its state as metrics.
func (h *House) consume(group string, handler stream.Handler, topics ...ingest.Topic) error {
	c, err := stream.NewConsumer(h.consumerConfig(group, topics...), handler, h.producer.Patient(patience))
	if err != nil {
		return err
	}
	h.Group.Go(boot.Workers, group, c.Run)
	h.observe(group, c.Status)
	return nil
}

// observe shows a consumer's state as metrics.
func (h *House) observe(group string, status func() stream.Status) {
	gauge := func(name, help string, value func(stream.Status) float64) {
		h.Metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "frontdesk", Subsystem: "consumer", Name: name, Help: help, ConstLabels: prometheus.Labels{"group": group},
		}, func() float64 { return value(status()) }))
	}
	gauge("lag", "Records of the owned partitions that are not committed yet.", func(s stream.Status) float64 { return float64(s.Lag) })
	gauge("partitions", "Partitions owned.", func(s stream.Status) float64 { return float64(s.Partitions) })
	gauge("waiting", "Partitions whose first event keeps failing.", func(s stream.Status) float64 { return float64(s.Waiting) })
	gauge("handled", "Events done since the start.", func(s stream.Status) float64 { return float64(s.Handled) })
	gauge("dead_letters", "Events given up since the start: see frontdesk dead list.", func(s stream.Status) float64 { return float64(s.DeadLetters) })
}

// ErrNoEngines is given to a role that runs alone without servers to share.
var ErrNoEngines = errors.New("a role of its own needs servers that it can share with the others: set FRONTDESK_POSTGRES_URL, FRONTDESK_KAFKA_BROKERS and FRONTDESK_CLICKHOUSE_URL, or run frontdesk up")

// Internal opens the listener for those who run frontdesk.
func (h *House) Internal() error {
	listener, err := boot.ListenInternal(h.Config.InternalListen, h.Health, h.Metrics)
	if err != nil {
		return err
	}
	h.Group.Go(boot.Pools, "internal listener", listener.Run)
	return nil
}
