// Package provider names what every adapter to a messaging provider has in
// common: the channel it works for, the updates its parser finds in a
// callback, the sender, and the one error by which a failed send says what is
// to be done next.
//
// An adapter is a folder below this one. Its parser is pure, its signature
// check looks at raw bytes only, and its sender passes the suite in
// providertest:
//
//	bytes ──▶ Parse ──▶ []Update ──▶ gateway/callback ──▶ the log
//	ingest.Message ──▶ Sender.Send ──▶ Sent, or *SendError
package provider
