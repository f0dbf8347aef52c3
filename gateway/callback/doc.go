// Package callback takes what providers tell: it verifies a callback over its
// raw bytes, parses it, publishes all of it in one call, and only then answers.
//
//	POST ─▶ read (3 MiB) ─▶ parse ─▶ whose channels? ─▶ signature ─▶ publish ─▶ 200
//	                                                        │           │
//	                                                       401     Postgres spool ─▶ 200
//	                                                                    │
//	                                               neither: 503 ◀───────┘
//
// Nothing that was answered 200 is only in memory. What cannot be published now
// lies in the spool, which [Handler.Run] works off; what can never be published
// (a channel that nobody has set up, a body that is no JSON) is a dead letter,
// whole.
//
// One POST may hold updates of several businesses. Each is taken only if the
// signature was made with the secret of its own channel.
package callback
