// Package conversation keeps what passes between a contact and a tenant on a
// channel: conversations with an owner and a state, their messages in both
// directions, and how far each outbound message has come.
//
// Every change of a conversation counts its Version up, in the transaction that
// makes it and that announces it through the outbox. Who decided something on
// an older version finds that out when storing it.
//
//	queued ─▶ sending ─▶ sent ─▶ delivered ─▶ read
//	            │  └────▶ failed (final, unless proof of delivery comes)
//	            └───────▶ unknown (settled by a receipt, never sent again)
//
// A receipt that comes before its message is known is kept until it is. Calls
// of [Store.Claim], [Store.Settle] and [Store.Standing] at the same time share
// a transaction.
package conversation
