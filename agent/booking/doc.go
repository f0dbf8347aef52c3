// Package booking is what can be booked of a business, and what is booked:
// services, the staff who perform them, the resources they need, slots, holds
// and appointments.
//
// Slots are computed, never stored: [Compute] takes hours, time off, what is
// busy and the rules of a service, and knows no database. What is taken is rows
// of one table, the claims: an appointment or a hold has one claim per staff
// member and per resource it needs, over its time with buffers, and an
// exclusion constraint keeps the claims on one subject apart. Each change first
// takes advisory locks on all subjects it may touch, in a fixed order, since the
// constraint alone deadlocks under contention. So two people never have one
// chair, whatever this program believes about the calendar:
//
//	Book ─▶ lock subjects ─▶ read rules and busy times ─▶ judge ─▶ claims + appointment + history + reminders + outbox
//
// A request may bear a key: the same request again is given the same answer.
// Whatever happened to an appointment is announced through the outbox, in the
// same transaction.
package booking
