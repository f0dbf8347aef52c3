// Package analytics says how conversations went: it turns events into rows,
// keeps them in ClickHouse and answers questions about them.
//
//	inbound, outbound, receipts, events ──▶ [Sink.HandleBatches] ──▶ ClickHouse ──▶ [Store.Query]
//
// # What is kept
//
// One row per message, status of a message, receipt, turn, and change of a
// conversation. No row holds text, a phone number or a provider's message id:
// a contact is two HMACs under a key of the tenant, of its id and of its
// address ([Pseudonyms]), and any other word of an event is kept only if it
// looks like the identifier it should be.
//
// # Exactness
//
// Events come at least once, and batches after a crash may be cut at other
// offsets. Three things make every answer exact all the same: a batch is
// inserted under a token of its offset range, so the same batch again adds
// nothing; a row's key is the event's id, so ClickHouse drops what came twice
// when it merges; and no query relies on either, as all count distinct ids.
// Reading the topics again from their beginning therefore changes no answer,
// and into an empty database gives the same ones.
//
// # Tenants
//
// The tenant is the first column of every key. Every query binds it, and a
// caller's words reach ClickHouse as bound parameters alone.
//
// The package is the only one beside the schema that imports clickhouse-go.
package analytics
