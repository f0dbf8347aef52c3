package roles_test

import (
	"log/slog"
	"strings"
	"testing"

	"frontdesk/cmd/internal/boot"
	"frontdesk/cmd/internal/embedded"
	"frontdesk/cmd/internal/roles"
	"frontdesk/deploy/schema/schematest"
	"frontdesk/ingest/stream"
)

// TestAClusterKeepsItsPartitions migrates with a Kafka whose topics are of a
// release that made 48 partitions: they stay, and nothing complains.
func TestAClusterKeepsItsPartitions(t *testing.T) {
	t.Parallel()
	broker, err := embedded.OpenKafka(t.Context(), embedded.KafkaConfig{Dir: t.TempDir(), SyncEvery: -1, Partitions: 48})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	e := roles.Engines{DialKafka: broker.Dial, Config: boot.Config{
		PostgresURL: boot.URL(schematest.PostgresURL(t)), KafkaBrokers: []string{broker.Addr()}, ClickHouseURL: "http://127.0.0.1:9/none",
	}}
	err = roles.Migrate(t.Context(), e, slog.New(slog.DiscardHandler))
	if err == nil || strings.Contains(err.Error(), "topic") { // it comes as far as ClickHouse, which is not there
		t.Errorf("migrate: %v", err)
	}
	k := stream.DefaultConfig()
	k.Brokers, k.Dial = e.KafkaBrokers, broker.Dial
	if n, err := stream.CountPartitions(t.Context(), k); n != 48 || err != nil {
		t.Errorf("the topics have %d partitions, %v", n, err)
	}
}
