// Package language reads short chat texts: which language they are in, what the
// writer does with them (books, asks, agrees, picks one of several, wants a
// person, wants no more messages), which of the business's services and people
// they name, and whether they try to tell the agent what it is or may do.
//
//	staff := language.NewIndex([]string{"Ana Ramírez", "Luis Paz"}) // once for a business; NewServiceIndex for services
//	r := language.Read("no, the second one, with ramirez", language.Hints{Staff: staff, Previous: "1. 9:00 2. 10:30"})
//	// r.Acts: deny, select · r.Pick: 2 · r.Staff[0].Name: 0
//
// What an answer means depends on what it answers: [Hints.Previous] holds the
// agent's last words, [Asked] tells what they asked. Days and clock times are
// read by the package when, beside this one.
//
// It is pure: no I/O, no state, the same answer each time. It knows English,
// Spanish, Portuguese, French, German and Italian, tells other scripts apart,
// and only ever matches text against its own phrases: nothing in a text can
// change what it does.
package language
