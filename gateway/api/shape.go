package api

import (
	"time"

	"frontdesk/gateway/operation"
	"frontdesk/ingest"
)

// byID is the input of a route that needs no more than an id.
type byID struct {
	ID string `json:"-" path:"id" maxLength:"64"`
}

func (b byID) target() string { return b.ID }

// Address is what a developer knows a person by: the phone number if there is
// one.
func Address(p ingest.Party) string {
	if phone := p.Identifier(ingest.Phone); phone != "" {
		return phone
	}
	return p.Address()
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// pageOf turns a page of an operation into one of the API.
func pageOf[T, Out any](p operation.Page[T], to func(T) Out) page[Out] {
	out := page[Out]{next: p.Next}
	for _, item := range p.Items {
		out.items = append(out.items, to(item))
	}
	return out
}

// each returns list as the API shows it; an empty list is no null.
func each[T, Out any](list []T, to func(T) Out) []Out {
	out := make([]Out, len(list))
	for i, item := range list {
		out[i] = to(item)
	}
	return out
}
