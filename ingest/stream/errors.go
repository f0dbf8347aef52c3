package stream

import (
	"errors"

	"github.com/segmentio/kafka-go"
)

// Errors of [Producer.Publish].
var (
	// ErrUnavailable means Kafka did not acknowledge in time. Whether the
	// records were written is unknown: keep them elsewhere and publish them
	// again; readers know repeats by the event's id.
	ErrUnavailable = errors.New("kafka unavailable")
	// ErrOverloaded means more bytes wait for Kafka than may. Nothing of the
	// call was written.
	ErrOverloaded = errors.New("too many bytes wait for kafka")
	// ErrTooLarge means a record is larger than the topics take. Nothing of
	// the call was written and it never can be.
	ErrTooLarge = errors.New("record too large for kafka")
)

// ErrPoison is wrapped by a handler's error where the event can never be
// accepted, however often it is tried. It goes to the dead letters.
var ErrPoison = errors.New("event can never be accepted")

// retriable reports whether the same produce request may be accepted later, of
// the same broker or of another one.
func retriable(code int16) bool {
	switch e := kafka.Error(code); e {
	case kafka.UnknownTopicOrPartition, kafka.NotEnoughReplicas, kafka.NotEnoughReplicasAfterAppend, kafka.KafkaStorageError:
		return true
	default:
		return e.Temporary() || e.Timeout()
	}
}
