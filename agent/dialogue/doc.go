// Package dialogue books, moves and cancels appointments in a chat: the part of
// the built-in brain that remembers over several turns what is wanted.
//
//	Input (draft, what was said) ─▶ hear ─▶ step ─▶ Desk: find, hold, book ─▶ Result (text, menu, draft)
//
// A [Draft] is what is known so far: the task, the wish (service, day, time,
// person), the question that is open with what was offered, the slot that is
// held. It is stored with the conversation; nothing is kept in memory. [Take]
// hears a burst of messages as a whole, merges it into the draft, and ends in
// one reply with one open question, or in a booking.
//
// Taking a turn again with the same input is safe: what a [Desk] does bears a
// key of the turn, and a booking that an earlier attempt made is found among the
// contact's appointments before anything is decided. "Booked" is said of an
// appointment that the desk returned and of nothing else.
//
// Deciding is pure given the desk's answers. Texts are matched against words of
// this package and names of the business and never obeyed: who is spoken of is
// the conversation's contact, whatever a text or the id of a button says.
package dialogue
