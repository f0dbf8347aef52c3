package stream_test

import (
	"testing"

	"github.com/segmentio/kafka-go"

	"frontdesk/ingest/stream"
)

// A key's partition must be the same for ever: these rows are never edited. The
// numbers are those of Kafka's own clients.
func TestPartition(t *testing.T) {
	tests := []struct {
		key  string
		n    int
		want int
	}{
		{"", 48, 9},
		{"a", 48, 28},
		{"ab", 48, 26},
		{"abc", 48, 27},
		{"abcd", 48, 20},
		{"tnt_01J|chn_01J|+5012279446", 48, 34},
		{"tnt_01J|chn_01J|US.13491208655302741918", 48, 40},
		{"Größe 😀", 48, 28},
		{"ded_0000000000000000000000000", 1, 0},
	}
	for _, tt := range tests {
		if got := stream.Partition([]byte(tt.key), tt.n); got != tt.want {
			t.Errorf("Partition(%q, %d) = %d, want %d", tt.key, tt.n, got, tt.want)
		}
		of := make([]int, tt.n)
		for i := range of {
			of[i] = i
		}
		other := (&kafka.Murmur2Balancer{Consistent: true}).Balance(kafka.Message{Key: []byte(tt.key)}, of...)
		if other != tt.want {
			t.Errorf("kafka-go puts %q into %d of %d, want %d", tt.key, other, tt.n, tt.want)
		}
	}
}
