package analytics_test

import (
	"fmt"
	"testing"

	"frontdesk/analytics"
	"frontdesk/ingest"
)

func BenchmarkRowsOf(b *testing.B) {
	p := pseudonyms(b)
	for _, size := range []int{100, 10_000} {
		events := traffic(b, "acme", size)
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rows, _ := analytics.RowsOf(events, p); rows.Len() != size {
					b.Fatal("rows are missing")
				}
			}
			perSecond(b, size)
		})
	}
}

func BenchmarkSinkFlush(b *testing.B) {
	w := newWorld(b)
	for _, size := range []int{100, 1000, 10_000} {
		events := traffic(b, "acme", size)
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			b.ReportAllocs()
			first := int64(size) << 32
			for b.Loop() {
				if err := w.sink.HandleBatch(b.Context(), batchOf(ingest.TopicInbound, b.N, first, events)); err != nil {
					b.Fatal(err)
				}
				first += int64(size)
			}
			perSecond(b, size)
		})
	}
}

// BenchmarkSinkFlushOfManyPartitions is what comes of one window of a consumer
// that owns all partitions of all topics.
func BenchmarkSinkFlushOfManyPartitions(b *testing.B) {
	w := newWorld(b)
	events := traffic(b, "acme", 48*25)
	first := int64(0)
	for b.Loop() {
		var batches []analytics.Batch
		for i := range 48 {
			batches = append(batches, batchOf(ingest.TopicInbound, i, first, events[i*25:(i+1)*25]))
		}
		for _, err := range w.sink.HandleBatches(b.Context(), batches) {
			if err != nil {
				b.Fatal(err)
			}
		}
		first += 25
	}
	perSecond(b, len(events))
}

func BenchmarkQuery(b *testing.B) {
	w := newWorld(b)
	for i := range int64(20) {
		if err := w.sink.HandleBatch(b.Context(), batchOf(ingest.TopicInbound, 0, i*10_000, traffic(b, ingest.TenantID(fmt.Sprintf("t%d", i%2)), 10_000))); err != nil {
			b.Fatal(err)
		}
	}
	for name, q := range map[string]analytics.Query{
		"counts":   {Metrics: []string{"messages", "contacts"}, Interval: "day"},
		"statuses": {Metrics: []string{"delivered_rate"}, Dimensions: []string{"channel"}},
	} {
		q.From, q.To = day0.AddDate(0, 0, -7), day0.AddDate(0, 0, 7)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.store.Query(b.Context(), "t1", q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func perSecond(b *testing.B, size int) {
	b.Helper()
	b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
