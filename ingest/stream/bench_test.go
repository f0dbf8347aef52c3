package stream_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"frontdesk/ingest"
	"frontdesk/ingest/stream"
)

// BenchmarkPublish is a record of 1 kB acknowledged by a broker in this process,
// its log in memory.
func BenchmarkPublish(b *testing.B) {
	for _, callers := range []int{1, 16, 64, 1000} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			c, err := kfake.NewCluster(kfake.NumBrokers(1))
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			cfg := stream.DefaultProducerConfig()
			cfg.Brokers = c.ListenAddrs()
			if err := stream.EnsureTopics(b.Context(), cfg.Config); err != nil {
				b.Fatal(err)
			}
			p, err := stream.NewProducer(cfg)
			if err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { _ = p.Run(ctx); close(done) }()
			value := make([]byte, 1000)
			keys := make([][]byte, 5000)
			for i := range keys {
				keys[i] = []byte(key(i))
			}
			var n atomic.Int64
			var all sync.WaitGroup
			b.ReportAllocs()
			b.ResetTimer()
			for range callers {
				all.Go(func() {
					for i := n.Add(1); i <= int64(b.N); i = n.Add(1) {
						if err := p.Publish(ctx, ingest.Record{Topic: ingest.TopicInbound, Key: keys[i%5000], Value: value}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			all.Wait()
			b.StopTimer()
			b.ReportMetric(float64(p.Stats().Records)/float64(p.Stats().Requests), "records/request")
			cancel()
			<-done
		})
	}
}
