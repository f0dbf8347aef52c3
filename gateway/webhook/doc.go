// Package webhook tells developers what happens: it keeps their endpoints,
// makes a delivery of each event for each endpoint that wants it, and sends it
// until the endpoint has taken it.
//
//	[events] ─┐                ┌────────── Postgres ──────────┐
//	[inbound] ┴▶ Handler.Handle ─▶ one row an endpoint and event ─▶ Sender.Run ─▶ developer
//	             filter, compose                            lease, sign, post, settle
//
// Delivery is at least once: an event's offset is committed after its rows, and
// a row that was sent and not settled is sent again when its lease ends, with
// the same webhook-id. Only an answer of 2xx is success; redirects are not
// followed. An endpoint has places of its own, gets nothing for a while after
// ten failures in a row, and is disabled after five days of nothing else, or
// when it answers 410.
//
// What a request looks like is a [Form]; [Standard] is that of
// https://www.standardwebhooks.com, and a dialect brings its own. No request
// reaches an address that is not public, see [Guard].
package webhook
