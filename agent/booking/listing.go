package booking

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"frontdesk/ingest"
)

// Listing is a catalogue by names, as a business's file has it.
type Listing struct {
	Resources []Resource
	Staff     []Staff
	Services  []ListedService
	// Prune names the kinds of which all that the listing does not name is
	// removed.
	Prune []Kind
}

// ListedService is a service that names its staff and resources; the ids in
// Service are not read.
type ListedService struct {
	Service
	StaffNames    []string
	ResourceNames []string
}

// Kind is what a catalogue has.
type Kind string

// Kinds of a catalogue.
const (
	KindService  Kind = "service"
	KindStaff    Kind = "staff"
	KindResource Kind = "resource"
)

// Outcome is what applying a listing did to one thing.
type Outcome struct {
	Kind Kind
	Name string
	Done Done
}

// Done says what was done.
type Done string

// What can be done to a thing.
const (
	WasCreated   Done = "created"
	WasChanged   Done = "changed"
	WasUnchanged Done = "unchanged"
	WasRemoved   Done = "removed"
)

// UnknownName is a name in a listing that stands for nothing.
type UnknownName struct {
	In    Kind   // what names it
	Index int    // in the listing
	Field string // "resources", "needs" or "specialties"
	Item  int    // in the field
}

// UnknownNamesError is given for a listing that names what neither it nor the
// tenant has: all such names. It is ErrNotFound.
type UnknownNamesError struct{ Names []UnknownName }

func (e *UnknownNamesError) Error() string {
	first := e.Names[0]
	return fmt.Sprintf("%d names are unknown, the first is %s %d: %s[%d]", len(e.Names), first.In, first.Index, first.Field, first.Item)
}

// Unwrap returns ErrNotFound.
func (e *UnknownNamesError) Unwrap() error { return ErrNotFound }

// likeService reports whether saving want would leave have as it is.
func likeService(have, want Service) bool {
	slices.Sort(want.Staff)
	slices.Sort(want.Resources)
	want.ID, want.Number, want.CreatedAt, want.UpdatedAt = have.ID, have.Number, have.CreatedAt, have.UpdatedAt
	for _, v := range []*Service{&have, &want} {
		v.Staff, v.Resources = append([]ingest.StaffID{}, v.Staff...), append([]ingest.ResourceID{}, v.Resources...)
		v.Needs, v.Reminders = append([]string{}, v.Needs...), append([]Reminder{}, v.Reminders...)
	}
	return alike(have, want)
}

func likeStaff(have, want Staff) bool {
	want.ID, want.Number, want.CreatedAt, want.UpdatedAt = have.ID, have.Number, have.CreatedAt, have.UpdatedAt
	for _, v := range []*Staff{&have, &want} {
		v.Specialties, v.Off = append([]string{}, v.Specialties...), append([]Off{}, v.Off...)
	}
	return alike(have, want)
}

func likeResource(have, want Resource) bool {
	want.ID, want.Number, want.CreatedAt, want.UpdatedAt = have.ID, have.Number, have.CreatedAt, have.UpdatedAt
	for _, v := range []*Resource{&have, &want} {
		v.Off = append([]Off{}, v.Off...)
	}
	return alike(have, want)
}

// alike compares what two values say, as they are written.
func alike(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// Longest bounds for those who read a catalogue from outside.
const (
	LongestDuration = longestDuration
	LongestBuffer   = longestBuffer
	LongestNotice   = longestNotice
	LongestHorizon  = longestHorizon
	MostPerDay      = mostPerDay
)

// Check returns what is wrong with s by itself, as ErrInvalid, or nil.
func (s Service) Check() error { return s.validate() }

// Check is [Service.Check] for somebody of the staff.
func (s Staff) Check() error { return s.validate() }

// Check is [Service.Check] for a resource.
func (r Resource) Check() error { return r.validate() }
