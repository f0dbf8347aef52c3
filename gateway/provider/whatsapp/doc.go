// Package whatsapp is the adapter to WhatsApp through Meta's Cloud API (the
// Graph API): callbacks in, messages out.
//
// [Parse] never loses an update for what stands beside it. It reads a body in
// one strict pass, the commonest of bodies by hand; where anything in it is odd, it reads it again, level by
// level, and what cannot be understood is kept raw: a message as
// [ingest.Unsupported], all else as a notice about the account.
package whatsapp
