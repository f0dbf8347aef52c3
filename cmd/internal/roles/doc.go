// Package roles puts frontdesk's parts together, by hand and top to bottom: the
// engines, what all roles share, and one file a role. A process runs one role,
// or all of them.
//
//	engines ─▶ House ─┬─▶ Gateway    callbacks, API, simulator, the callbacks' spool
//	                  ├─▶ Agent      recorder, turns, the outbox relay
//	                  ├─▶ Dispatch   sending, receipts
//	                  └─▶ Analytics  the sink
package roles
