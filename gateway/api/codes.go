package api

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"frontdesk/gateway/dispatch"
)

// codeStatus is the status of codes that neither [faults] nor [bookingFaults]
// has. A route's code that is nowhere is a 409, as an operation's
// ConflictError is.
var codeStatus = map[string]int{
	"beyond_own_key":                http.StatusForbidden,
	"unreadable_calendar":           http.StatusUnprocessableEntity,
	"template_mismatch":             http.StatusUnprocessableEntity,
	"template_not_approved":         http.StatusUnprocessableEntity,
	"provider_refused":              http.StatusUnprocessableEntity,
	"provider_unavailable":          http.StatusServiceUnavailable,
	string(dispatch.OptedOut):       http.StatusUnprocessableEntity,
	string(dispatch.WindowClosed):   http.StatusUnprocessableEntity,
	string(dispatch.QuietHours):     http.StatusUnprocessableEntity,
	string(dispatch.BudgetExceeded): http.StatusUnprocessableEntity,
	string(dispatch.ChannelDown):    http.StatusUnprocessableEntity,
}

// statusOf returns the status that a fault of that code is answered with.
func statusOf(code string) int {
	if status, ok := codeStatus[code]; ok {
		return status
	}
	for _, table := range [][]explained{faults, bookingFaults} {
		for _, f := range table {
			if f.fault.Code == code {
				return f.fault.Status
			}
		}
	}
	return http.StatusConflict
}

// codesOf returns the codes that r can end in, by status. They are the whole
// list of what a caller of r can be told.
func codesOf(r Route) map[int][]string {
	out := map[int][]string{
		http.StatusBadRequest:                  {"invalid_request", "bad_request"},
		http.StatusUnauthorized:                {"unauthorized", "key_expired"},
		http.StatusForbidden:                   {"missing_scope", "wrong_workspace"},
		http.StatusRequestHeaderFieldsTooLarge: {"header_too_large"},
		http.StatusTooManyRequests:             {"rate_limited"},
		http.StatusInternalServerError:         {"internal"},
		http.StatusServiceUnavailable:          {"unavailable"},
	}
	add := func(status int, codes ...string) { out[status] = append(out[status], codes...) }
	if namesThings(r) {
		add(http.StatusNotFound, "not_found")
	}
	if r.list && takesCursor(r) {
		add(http.StatusBadRequest, "invalid_cursor")
	}
	if r.Method == http.MethodPost {
		add(http.StatusBadRequest, "invalid_idempotency_key")
		add(http.StatusConflict, "idempotency_key_reused", "request_in_progress")
	}
	if takesBody(r) {
		add(http.StatusRequestTimeout, "request_timeout")
		add(http.StatusRequestEntityTooLarge, "body_too_large")
		add(http.StatusUnsupportedMediaType, "unsupported_media_type")
	}
	for _, code := range r.Faults {
		if status := statusOf(code); !slices.Contains(out[status], code) {
			add(status, code)
		}
	}
	return out
}

// takesBody reports whether r reads a body, be it one without fields.
func takesBody(r Route) bool { return r.Method != http.MethodGet && r.Method != http.MethodDelete }

// takesCursor reports whether r is a list of pages.
func takesCursor(r Route) bool {
	_, ok := reflect.New(r.in).Interface().(paged)
	return ok
}

// namesThings reports whether r takes an id of something, be it in a body.
func namesThings(r Route) bool {
	return strings.Contains(r.Path, "{") || takesBody(r) || r.list || len(queryIDs(r)) > 0
}

// queryIDs are the parameters of r's query that name a thing by its id.
func queryIDs(r Route) []string {
	var out []string
	fields(reflect.New(r.in).Elem(), func(f reflect.StructField, _ reflect.Value) {
		if name := f.Tag.Get("query"); strings.HasSuffix(name, "_id") {
			out = append(out, name)
		}
	})
	return out
}
