// Package language reads short chat texts: which language they are in, what the
// writer does with them (greets, asks, wants a person, wants no more messages),
// and whether they try to tell the agent what it is or may do.
//
// It is pure: no I/O, no state, the same answer each time. It knows English,
// Spanish, Portuguese, French, German and Italian, tells other scripts apart,
// and only ever matches text against its own phrases: nothing in a text can
// change what it does.
package language
