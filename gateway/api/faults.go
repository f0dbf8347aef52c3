package api

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"frontdesk/agent"
	"frontdesk/agent/booking"
	"frontdesk/agent/contact"
	"frontdesk/agent/conversation"
	"frontdesk/analytics"
	"frontdesk/gateway/audit"
	"frontdesk/gateway/busy"
	"frontdesk/gateway/dispatch"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/media"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/template"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/webhook"
	"frontdesk/ingest"
	"frontdesk/kb"
)

var notFound = edge.Fault{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such thing, or it belongs to another business"}

// explained is an error of the packages below, and what a caller is told of it.
type explained struct {
	err   error
	fault edge.Fault
}

// faults is the whole list of what the packages below can report to a caller.
// An error not in it is answered 500 and logged.
var faults = []explained{
	{operation.ErrNotFound, notFound},
	{tenant.ErrNotFound, notFound},
	{audit.ErrNotFound, notFound},
	{conversation.ErrNotFound, notFound},
	{contact.ErrNotFound, notFound},
	{kb.ErrNotFound, notFound},
	{agent.ErrNotFound, notFound},
	{webhook.ErrNotFound, notFound},
	{booking.ErrNotFound, notFound},
	{busy.ErrNotFound, notFound},
	{template.ErrNotFound, notFound},
	{media.ErrNotFound, notFound},
	{tenant.ErrChannelExists, edge.Fault{Status: http.StatusConflict, Code: "channel_exists", Detail: "the business has a channel of this name"}},
	{tenant.ErrAddressTaken, edge.Fault{Status: http.StatusConflict, Code: "address_taken", Detail: "this number belongs to another channel, perhaps of another business"}},
	{media.ErrUnsupported, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "unsupported_media", Detail: "no provider takes files of this kind"}},
	{media.ErrTooLarge, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "media_too_large", Detail: "the file is larger than its kind may be"}},
	{media.ErrQuota, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "media_quota", Detail: "the files of the business take all of their 2 GB; delete some"}},
	{media.ErrGone, edge.Fault{Status: http.StatusNotFound, Code: "media_gone", Detail: "the provider does not have the file any more"}},
	{template.ErrExists, edge.Fault{Status: http.StatusConflict, Code: "template_exists", Detail: "a template of this name and language is there already"}},
	{analytics.ErrUnavailable, edge.Fault{Status: http.StatusServiceUnavailable, Code: "analytics_unavailable", Detail: "analytics cannot be asked now; try again", RetryAfter: 5 * time.Second}},
	{conversation.ErrClosed, edge.Fault{Status: http.StatusConflict, Code: "conversation_closed", Detail: "the conversation is closed"}},
	{conversation.ErrNotScheduled, edge.Fault{Status: http.StatusConflict, Code: "not_scheduled", Detail: "this message is not scheduled any more: it was sent or cancelled"}},
	{conversation.ErrKeyReused, edge.Fault{Status: http.StatusConflict, Code: "idempotency_key_reused", Detail: "this Idempotency-Key was used for another message"}},
	{contact.ErrNoIdentifier, edge.Fault{Status: http.StatusConflict, Code: "contact_unreachable", Detail: "nothing is known of this contact that could be sent to"}},
	{kb.ErrUnreadable, edge.Fault{Status: http.StatusUnprocessableEntity, Code: "unreadable_document", Detail: "no text could be read from the document"}},
}

// Explain returns what a caller is told of err, or nil.
func Explain(err error) *edge.Fault {
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return &f.fault
		}
	}
	if f := explainBooking(err); f != nil {
		return f
	}
	var refusal *dispatch.Refusal
	var conflict *operation.ConflictError
	var forbidden *operation.ForbiddenError
	var invalid *operation.InvalidError
	var query *analytics.QueryError
	var wrong *ingest.FieldError
	if f := explainOutreach(err); f != nil {
		return f
	}
	switch {
	case errors.As(err, &refusal):
		f := &edge.Fault{Status: http.StatusUnprocessableEntity, Code: string(refusal.Code), Detail: refusal.Detail}
		if !refusal.Until.IsZero() {
			f.RetryAfter = max(time.Until(refusal.Until), 0)
		}
		return f
	case errors.As(err, &conflict):
		return &edge.Fault{Status: http.StatusConflict, Code: conflict.Code, Detail: conflict.Message}
	case errors.As(err, &forbidden):
		return &edge.Fault{Status: http.StatusForbidden, Code: forbidden.Code, Detail: forbidden.Message}
	case errors.As(err, &invalid):
		return asFault(edge.Invalid(edge.FieldError{Field: invalid.Field, Message: invalid.Message}))
	case errors.As(err, &query):
		return asFault(edge.Invalid(edge.FieldError{Field: query.Field, Message: reason(query)}))
	case errors.As(err, &wrong):
		return asFault(edge.Invalid(edge.FieldError{Field: wrong.Field, Message: wrong.Message}))
	}
	return nil
}

func reason(e *analytics.QueryError) string {
	if len(e.Allowed) == 0 {
		return e.Reason
	}
	return e.Reason + "; allowed: " + strings.Join(e.Allowed, ", ")
}

func asFault(err error) *edge.Fault {
	var f *edge.Fault
	errors.As(err, &f)
	return f
}

// explainOutreach is [Explain] for what goes out: templates, and what a provider
// is asked on a caller's behalf.
func explainOutreach(err error) *edge.Fault {
	var mismatch *operation.TemplateError
	if errors.As(err, &mismatch) {
		return &edge.Fault{
			Status: http.StatusUnprocessableEntity, Code: mismatch.Code, Detail: mismatch.Message,
			Fields: []edge.FieldError{{Field: mismatch.Field, Message: mismatch.Message}},
		}
	}
	var file *tenant.InvalidError
	if errors.As(err, &file) {
		var problems []edge.FieldError
		for _, p := range file.Problems {
			problems = append(problems, edge.FieldError{Field: p.Field, Message: p.Message})
		}
		return asFault(edge.Invalid(problems...))
	}
	var refused *operation.ProviderError
	if !errors.As(err, &refused) {
		return nil
	}
	switch said := refused.Err.Said; {
	case refused.Err.Retryable(), refused.Err.Reason == provider.Ambiguous:
		return &edge.Fault{Status: http.StatusServiceUnavailable, Code: "provider_unavailable", Detail: "the provider cannot be reached, or is busy; try again", RetryAfter: max(refused.Err.RetryAfter, 5*time.Second)}
	case refused.Err.Reason == provider.ChannelDown:
		return &edge.Fault{Status: http.StatusUnprocessableEntity, Code: string(dispatch.ChannelDown), Detail: "the provider refuses the channel's credentials or account"}
	default:
		return &edge.Fault{Status: http.StatusUnprocessableEntity, Code: "provider_refused", Detail: strings.TrimSpace("the provider refused it: " + said.Title + " " + said.Detail)}
	}
}
