// Package media keeps the files of messages: those that developers upload to
// send, and those that contacts sent, fetched from the provider and kept before
// its addresses end.
//
// What a file is, its bytes say ([Sniff]); what a sender calls it is not
// believed. It is given out as an attachment only.
package media
