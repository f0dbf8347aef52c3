package api

import (
	"time"

	"frontdesk/gateway/edge"
)

// Style is the envelope of an API.
type Style struct {
	// Success wraps what a route returns; page is nil unless it is a list.
	Success func(out any, page *Paging, requestID string, now time.Time) any
	// Failure wraps a fault.
	Failure edge.FaultBody
}

// Paging is where a page of a list lies.
type Paging struct {
	Cursor  string // of the next page; empty on the last
	HasMore bool
	Count   int  // items on this page
	Total   *int // on all pages, where it was asked for
}

// meta is the second half of a native answer.
type meta struct {
	RequestID string `json:"request_id" doc:"Give it when you report a problem." example:"req_01KA2B3C4D5E6F7G8H9JKMNPQR"`
}

type listMeta struct {
	RequestID string `json:"request_id" example:"req_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Cursor    string `json:"cursor,omitempty" doc:"Pass it as ?cursor= for the next page; absent on the last."`
	HasMore   bool   `json:"has_more"`
	Total     *int   `json:"total,omitempty" doc:"On all pages, where count=true asked for it. 10001 stands for more than 10,000."`
}

type envelope struct {
	Data any `json:"data"`
	Meta any `json:"meta"`
}

// Native is the style of /v1.
func Native() Style {
	return Style{
		Success: func(out any, page *Paging, requestID string, _ time.Time) any {
			if page != nil {
				return envelope{out, listMeta{requestID, page.Cursor, page.HasMore, page.Total}}
			}
			return envelope{out, meta{requestID}}
		},
		Failure: edge.NativeFault,
	}
}
