// Package outbox announces what is stored: an event is written as a row in the
// transaction that makes it true, and a relay publishes the rows and deletes
// them once the log has them.
//
//	tx: rows + Add(...) ── commit ──▶ outbox ── Relay ──▶ Kafka
//
// So an event exists if and only if its transaction committed, it is published
// at least once, and events of one key are published in the order in which
// their transactions held what they are about. Nobody publishes after a commit
// and hopes.
package outbox
