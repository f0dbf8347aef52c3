// Package ledger drives a running frontdesk from the outside and keeps the
// books: customers who write as Meta would deliver them, a provider that writes
// down each send it is handed, and the process in between, which may be killed
// at any moment. What the books must say at the end is that every message
// acknowledged was answered, and none twice but those marked unknown.
//
// The end-to-end tests and cmd/bench share it.
package ledger
