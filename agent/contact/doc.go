// Package contact is who a tenant's customers are: people with an id of their
// own, known by identifiers that providers give them.
//
// A phone and a WhatsApp user id seen in one message are the same person. If
// they belonged to two contacts until then, the older one survives and
// everything of the other is pointed to it, as [Store.Merge] does on request; a
// journal lets [Store.Unmerge] take it back exactly. When a
// provider says that a person left an identifier, it stays theirs for messages
// up to then, so that a late message still finds them; who writes from it
// afterwards is somebody else.
//
// What a contact allows to be sent is kept by channel and category, the latest
// word by its own time; of two contacts that become one a no outweighs a yes.
//
// What else a business keeps of a contact is its [Profile]. Contacts are read in
// from tables by an [Importer] and written out by [Store.Export]. [Store.Erase]
// removes a person and has every [Part] do so; what they did not want outlives
// them under keyed hashes.
//
// Statements over several rows look each of them up by a LATERAL subquery or
// are sent one by one in a batch, here and in conversation and agent: joined to
// a list, a table that has no statistics yet is read whole for the tenant, and
// the plan stays in the connection.
package contact
