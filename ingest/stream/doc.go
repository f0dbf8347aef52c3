// Package stream writes and reads the topics of package ingest. It is the only
// part that speaks Kafka, through kafka-go.
//
// A [Producer] gathers what is published while one request is in flight and
// sends it with the next; Publish returns nil once all replicas have it. A
// [Consumer] reads the topics of one group, hands batches over all the
// partitions it owns to a [Handler] and commits after the effect:
//
//	Publish ─▶ batch per partition ─▶ one request per broker ─▶ log
//	log ─▶ one fetch per broker ─▶ Handler ─▶ commit
//	                                  └─ never acceptable ─▶ ingest.TopicDead
//
// A [BatchConsumer] cuts each partition into ranges that are the same however
// often they are cut, for stores that tell a repeat by its range.
//
// # What is promised
//
// At least once: a record whose Publish returned nil is handed to every group
// until that group's handler has taken it or it lies among the dead letters. A
// Publish that returned an error may still have been written, and a retried
// one may be written twice; the event's id is the same each time, so readers
// must accept repeats. kafka-go has no idempotent producer, so nothing here
// can take that from them.
//
// Order: records of one key lie in one partition in the order in which their
// Publish calls began, as long as none of them failed, and are handed over in
// that order.
//
// One owner: offsets are committed through the group's generation, so a member
// that was thrown out cannot move them, neither back nor forward.
package stream
