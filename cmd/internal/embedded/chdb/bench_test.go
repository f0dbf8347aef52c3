package chdb_test

import (
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"frontdesk/cmd/internal/embedded/chdb"
)

// BenchmarkInsert is the whole way of a batch: encode, send, store, merge
// beside it.
func BenchmarkInsert(b *testing.B) {
	const rows = 50_000
	opts := start(b, chdb.Config{}).options()
	opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	conn := open(b, opts)
	exec1(b, conn, "CREATE TABLE t (tenant String, day Date, id UInt64, word LowCardinality(String), at DateTime64(3, 'UTC')) ENGINE = ReplacingMergeTree ORDER BY (tenant, day, id)")
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	id := uint64(0)
	for b.Loop() {
		batch, err := conn.PrepareBatch(b.Context(), "INSERT INTO t")
		if err != nil {
			b.Fatal(err)
		}
		for range rows {
			id++
			if err := batch.Append("acme", at, id, "whatsapp", at); err != nil {
				b.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			b.Fatal(err)
		}
		_ = batch.Close()
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkSelect is what a request costs at least.
func BenchmarkSelect(b *testing.B) {
	conn := open(b, start(b, chdb.Config{}).options())
	for b.Loop() {
		if n := count(b, conn, "SELECT toUInt64(1)"); n != 1 {
			b.Fatal(n)
		}
	}
}
