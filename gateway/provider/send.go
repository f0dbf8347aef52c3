package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/ingest"
)

// Sender hands messages to a provider. Every error it returns is a *[SendError].
type Sender interface {
	// Send hands m to the provider of ch, once. It never tries again itself:
	// no provider has an idempotency key.
	Send(ctx context.Context, ch Channel, m ingest.Message) (Sent, error)
	// MarkRead shows the contact that the inbound message providerID was read
	// and, with typing, that an answer is being written. A channel that knows
	// neither does nothing and returns nil.
	MarkRead(ctx context.Context, ch Channel, providerID string, typing bool) error
}

// Sent is what a provider answered to a message that it took.
type Sent struct {
	ProviderID string
	Status     ingest.Status // Sent, or what the provider says beyond it
}

// Reason says what a failed send calls for.
type Reason string

// Reasons of a [SendError].
const (
	Unreachable   Reason = "unreachable"    // surely not sent, or a fault of theirs: try again
	Throttled     Reason = "throttled"      // too fast: try again after RetryAfter, slow Scope down
	Rejected      Reason = "rejected"       // never for this message
	OptedOut      Reason = "opted_out"      // the contact does not want it; see Category
	Undeliverable Reason = "undeliverable"  // the contact cannot be reached on this channel
	NeedsTemplate Reason = "needs_template" // the window is closed: only a template may go
	ChannelDown   Reason = "channel_down"   // credentials or account: stop the channel
	Ambiguous     Reason = "ambiguous"      // written and not answered: it may have been sent
)

// Scope says what a [Throttled] send must slow down.
type Scope string

// Scopes of a [SendError].
const (
	ScopePair    Scope = "pair"    // this contact on this channel
	ScopeChannel Scope = "channel" // all that the channel sends
)

// SendError is why a provider did not take a message.
type SendError struct {
	Reason     Reason
	Scope      Scope                // of Throttled; empty otherwise
	Code       string               // the provider's own code, if it gave one
	Category   string               // of OptedOut: what the contact refused, "marketing" or "all"
	RetryAfter time.Duration        // the wait the provider asked for or its documents name; zero if neither. With Rejected: before anyone should try the like again
	Said       ingest.ProviderError // the provider's own words, for the message's row. May name a number: never log it
	Err        error                // what happened; names no number and no text
}

// Error names the reason, the code and the cause. It holds nothing that the
// provider said, so it is safe to log.
func (e *SendError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %v", e.Reason, e.Err)
	}
	return fmt.Sprintf("%s (code %s): %v", e.Reason, e.Code, e.Err)
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Err }

// Retryable reports whether the same message may be tried again.
func (e *SendError) Retryable() bool {
	return e.Reason == Unreachable || e.Reason == Throttled
}

// Errors returns what a message's row keeps of e: the provider's words, or
// ours where it said nothing.
func (e *SendError) Errors() []ingest.ProviderError {
	if e.Said != (ingest.ProviderError{}) {
		return []ingest.ProviderError{e.Said}
	}
	return []ingest.ProviderError{{Code: string(e.Reason), Title: e.Err.Error()}}
}

// AsSendError returns err as a *SendError. An error that is none, which a
// Sender never returns, becomes Ambiguous, since nothing says that the message
// was not sent.
func AsSendError(err error) *SendError {
	if se, ok := errors.AsType[*SendError](err); ok {
		return se
	}
	return &SendError{Reason: Ambiguous, Err: err}
}

// Verdict is what a provider's error code calls for, in an answer and in a
// failed receipt alike.
type Verdict struct {
	Reason     Reason
	Scope      Scope
	Category   string
	RetryAfter time.Duration
}

// Classifier returns the verdict on a provider's error code. ok is false for a
// code that no table knows.
type Classifier func(code string) (v Verdict, ok bool)
