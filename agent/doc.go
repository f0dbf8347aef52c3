// Package agent takes the turns of conversations: it records what contacts say,
// gathers a burst, decides once what to answer, and stores the answer together
// with everything that has to be announced of it.
//
//	TopicInbound ─▶ Recorder ─▶ contacts, messages, turns_due
//	                               │ Wake, or poll
//	                               ▼
//	               Turns: claim ─▶ load ─▶ Brain.Decide ─▶ store ─▶ outbox
//
// [Recorder] and [Turns] keep nothing of a conversation in memory: what waits
// for a turn is a row, and whoever claims it may die. A turn is stored only if
// the conversation's version is what it was when the turn began; else it is
// decided anew. A turn and its reply have ids derived from the conversation and
// the turn's number, so that none is stored twice.
//
// A [Brain] gets a [State] and [Tools] and returns a [Decision]; all three are
// stored, so that a turn can be looked at. The built-in brain needs no model:
// it quotes passages of the tenant's own knowledge or one of a fixed set of
// sentences. Text of customers and articles is matched and quoted, never obeyed.
//
// # Opting out
//
// A message that is an opt-out word as a whole takes the contact off everything
// on that channel, in the transaction that stores the turn, with one
// confirmation and then silence until an opt-in word. Which words count depends
// on how the message came: on SMS all that carriers act on, CANCEL and END
// included, since the carrier has acted on them already; on WhatsApp only
// unambiguous ones, since "cancel", "end" and "yes" are ordinary replies there
// and no carrier is involved. Plain sentences ("stop texting me") count on both.
package agent
