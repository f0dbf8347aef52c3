// Package ingest names what travels through frontdesk: messages, receipts,
// account notices, turns and the events made of them, with the Kafka topics
// that carry them.
//
// A provider's callback becomes [Message]s and [Receipt]s at the edge. Each is
// wrapped in an [Event], keyed by [ConversationKey] so that one contact's
// messages stay in order, and published before the callback is answered:
//
//	callback ──▶ TopicInbound  ──▶ agent ──▶ outbox ──▶ TopicOutbound ──▶ dispatch
//	   │              └──▶ analytics            └──▶ TopicEvents ──▶ analytics, webhooks
//	   └──────▶ TopicReceipts ──▶ dispatch, analytics
//
// Every event is delivered at least once. A reader tells a repeat by the
// event's ID or, for messages, by [Message.ID]: both are derived from what the
// provider sent and so are the same each time.
//
// The package imports only the standard library; reading and writing the
// topics is in ingest/stream, rows as one tenant in ingest/tenantdb.
package ingest
