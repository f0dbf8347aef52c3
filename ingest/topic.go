package ingest

// Topic names a Kafka topic.
type Topic string

// The topics. Each has the same number of partitions from its first day, since
// a key's partition must never change.
const (
	TopicInbound  Topic = "frontdesk.inbound"  // what contacts said
	TopicOutbound Topic = "frontdesk.outbound" // what is to be sent to them
	TopicReceipts Topic = "frontdesk.receipts" // what became of it
	TopicEvents   Topic = "frontdesk.events"   // what happened here
	TopicDead     Topic = "frontdesk.dead"     // what could never be taken, with the reason
)

// Topics is all of them.
var Topics = []Topic{TopicInbound, TopicOutbound, TopicReceipts, TopicEvents, TopicDead}

// Partitions is the number of partitions of every topic on a shared cluster,
// and so of the replicas that can share a group's work. What a request or a
// fetch costs grows with the partitions it touches: with 48, an acknowledged
// callback cost a tenth more.
const Partitions = 12
