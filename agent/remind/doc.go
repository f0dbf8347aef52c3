// Package remind writes to contacts of the business's own accord: it reminds of
// appointments, and offers times that became free to who waits for one.
//
//	reminders, openings ─▶ Worker ─▶ policy gate ─▶ conversation.SendWithin ─▶ outbox ─▶ dispatch
//	     (rows)               │ quiet hours: later · window closed: template, else why
//	                          └──── the contact answers by button or word: agent/dialogue
//
// What is to be done is rows, leased by one [Worker] at a time; any number may
// run. A message is stored in the transaction that marks its reminder as sent,
// or its wish as offered something, and under a key of theirs: a worker that
// dies anywhere, or loses its lease to another, sends nothing twice and loses
// nothing. The appointment's row is locked meanwhile, so that none is reminded
// of a time that it has no more.
//
// A free time is offered to the first of the waitlist whom it fits, and held for
// them for a while. A no, or no answer, gives the hold back; that is an opening
// again, for the next one.
//
// Test appointments are reminded of in the sandbox alone.
package remind
