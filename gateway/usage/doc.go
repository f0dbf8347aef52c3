// Package usage counts what a tenant uses: messages a day and what they were
// sent as, and what is stored. It counts the messages themselves, each of which
// is there once however often it came, so a replay changes nothing and no
// counter can be wrong.
package usage
