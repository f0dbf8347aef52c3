package roles

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/deploy/schema"
	"frontdesk/ingest/stream"
)

// engineStart bounds the start of an embedded engine; the first start of
// Postgres makes its cluster.
const engineStart = 90 * time.Second

// tailBytes holds two seconds of records where 300 customers a second write:
// analytics, the last of the groups, fetch every second or so. The heap grows to
// a multiple of what is kept here, so more of it costs more than it seems to.
const tailBytes = 4 << 20

// Engines are the servers that a process works with.
type Engines struct {
	boot.Config
	// DialKafka connects to a broker; nil does so over TCP.
	DialKafka func(ctx context.Context, network, addr string) (net.Conn, error)
	// KafkaPartitions is how many each topic has; zero means [ingest.Partitions].
	// Where it is not set, Open and Migrate ask: a cluster keeps the number of the
	// release that made its topics.
	KafkaPartitions int
	// Tail is what the groups of this process share of the broker's log, where it
	// is this process's own.
	Tail *stream.Tail
	// Alone means that the database is this process's own: what is written there
	// is written here.
	Alone bool
	// Now is the time that bookings and relative words go by; nil, as it is
	// outside of tests, means the clocks of the database and the machine.
	Now func() time.Time
}

// StartEngines starts the embedded engine for each of Postgres, Kafka and
// ClickHouse that cfg names no server for, and returns the addresses
// of all three. The engines stop last.
func StartEngines(g *boot.Group, health *boot.Health, cfg boot.Config, log *slog.Logger) (Engines, error) {
	e := Engines{Config: cfg}
	if cfg.PostgresURL != "" && len(cfg.KafkaBrokers) > 0 && cfg.ClickHouseURL != "" {
		return e, nil
	}
	if err := cfg.MakeDataDir(); err != nil {
		return e, err
	}
	ctx, cancel := context.WithTimeout(g.Context(), engineStart)
	defer cancel()
	if err := startClickHouse(g, health, &e.Config, log); err != nil {
		return e, err
	}
	if err := startPostgres(ctx, g, health, &e, log); err != nil {
		return e, err
	}
	return e, startKafka(ctx, g, &e)
}

// kafkaPatience bounds the question how many partitions there are: a gateway
// starts without Kafka too.
const kafkaPatience = 5 * time.Second

// countPartitions finds how many partitions the topics of a cluster of one's own
// have, if there are any and it is not known.
func (e *Engines) countPartitions(ctx context.Context) error {
	if e.KafkaPartitions > 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, kafkaPatience)
	defer cancel()
	n, err := stream.CountPartitions(ctx, e.kafka())
	if err == nil && n > 0 {
		e.KafkaPartitions = n
	}
	return err
}

func startPostgres(ctx context.Context, g *boot.Group, health *boot.Health, e *Engines, log *slog.Logger) error {
	if e.PostgresURL != "" {
		return nil
	}
	p := embedded.NewPostgres(embedded.PostgresConfig{Dir: filepath.Join(e.DataDir, "postgres"), Log: log})
	g.Go(boot.Engines, "postgres", p.Run)
	url, err := p.URL(ctx)
	if err != nil {
		return err
	}
	e.PostgresURL, e.Alone = boot.URL(url), true
	health.Add("postgres", func(context.Context) error { return p.Ready() })
	return nil
}

func startKafka(ctx context.Context, g *boot.Group, e *Engines) error {
	if len(e.KafkaBrokers) > 0 {
		return nil
	}
	k, err := embedded.OpenKafka(ctx, embedded.KafkaConfig{Dir: embedded.KafkaDir(e.DataDir), Partitions: embedded.AlonePartitions})
	if err != nil {
		return err
	}
	g.Close(boot.Engines, "kafka", func() { _ = k.Close() }) // what was acknowledged is written already
	e.KafkaBrokers, e.DialKafka, e.KafkaPartitions = []string{k.Addr()}, k.Dial, k.Partitions()
	e.Tail = stream.NewTail(tailBytes)
	return nil
}

// startClickHouse does not wait for the engine: nothing that a customer waits
// for needs it.
func startClickHouse(g *boot.Group, health *boot.Health, cfg *boot.Config, log *slog.Logger) error {
	if cfg.ClickHouseURL != "" {
		return nil
	}
	library, err := embedded.ClickHouseLibrary(cfg.ChDBLibrary)
	if err != nil {
		return err
	}
	c, err := embedded.NewClickHouse(embedded.ClickHouseConfig{Dir: filepath.Join(cfg.DataDir, "clickhouse"), Library: library, Log: log})
	if err != nil {
		return err
	}
	g.Go(boot.Engines, "clickhouse", c.Run)
	g.Close(boot.Engines, "clickhouse listener", func() { _ = c.Close() })
	cfg.ClickHouseURL = boot.URL(c.URL())
	health.Add("clickhouse", func(context.Context) error { return c.Ready() })
	return nil
}

// Migrate brings Postgres, the topics and ClickHouse up to date.
func Migrate(ctx context.Context, e Engines, log *slog.Logger) error {
	if err := schema.MigratePostgres(ctx, string(e.PostgresURL), log); err != nil {
		return err
	}
	if err := e.countPartitions(ctx); err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	if err := stream.EnsureTopics(ctx, e.kafka()); err != nil {
		return fmt.Errorf("topics: %w", err)
	}
	return schema.MigrateClickHouse(ctx, string(e.ClickHouseURL), log)
}

func (e Engines) kafka() stream.Config {
	k := stream.DefaultConfig()
	k.Brokers, k.Dial, k.Partitions, k.Tail = e.KafkaBrokers, e.DialKafka, cmp.Or(e.KafkaPartitions, k.Partitions), e.Tail
	return k
}
