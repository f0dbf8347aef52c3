// Package dispatch hands outbound messages to their providers and applies what
// the providers report of them.
//
//	TopicOutbound ──▶ gate ──▶ claim ──▶ pace ──▶ provider ──▶ settle
//	                   │                  │          │
//	                refused             parked ◀── wait, try again
//	TopicReceipts ──▶ statuses, opt-outs
//
// A message is claimed in a committed transaction before its provider is
// called, so that no crash and no redelivery sends it twice: one that is found
// claimed by a sender that died, and one whose provider gave no answer, is
// unknown until a receipt settles it.
//
// What cannot go at once (the channel's pace, a provider that asks to wait or
// cannot be reached) is parked in Postgres and worked off by [Dispatcher.Run],
// on whichever replica is free. All that passes to one person on one channel is
// a lane; a message never overtakes an earlier one of its lane, parked or not.
//
// A provider that answers slowly holds up nobody else: [Dispatcher.Handle]
// parks what is still on its way after [Config.Patience], under a lease, and
// takes the next batch.
package dispatch
