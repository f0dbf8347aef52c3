// Package simulator is a provider that runs inside frontdesk: test traffic goes
// to it instead of to Meta and Twilio, over HTTP and by the same adapters.
//
//	dispatch ──▶ /simulator/graph, /simulator/twilio ──▶ what the customer sees
//	gateway/callback ◀── signed callbacks ◀── what the customer writes, receipts
//
// It answers in the providers' own forms, takes only the channel's own
// credentials, and signs its callbacks with the channel's own secrets; each is
// marked as a test (frontdesk_test, FrontdeskTest). Callbacks lie in Postgres
// until they are answered 2xx, so they arrive at least once.
//
// # Magic numbers
//
// A recipient's last four digits choose how a send ends:
//
//	0001  taken, then it fails: 131026; 30005 at Twilio
//	0002  refused with 429 and Retry-After: 2, taken when tried again after that
//	0003  taken, and no answer: the request hangs, then the receipts come
//	0004  refused: the contact has opted out (131050; 21610 or 63014 at Twilio)
//	0005  refused with 500 (131000; 20500 at Twilio), each time
//	0006  refused: the window is closed (131047; 63016 at Twilio's WhatsApp)
//	0007  not taken: the connection is cut without an answer
//	0008  taken, and answered with 200 and no JSON
//	0009  taken and sent, never delivered
//	0010  taken; its receipts come twice and in the wrong order
//	0011  refused as if the channel's token had expired (190; 20003 at Twilio)
//
// Every other number gets its messages, and reads them.
package simulator
