package api

import (
	"context"

	"frontdesk/gateway/tenant"
)

// kept is what can be done with a kind of thing that a business keeps a list
// of: operations over T, which is known by an ID.
type kept[T any, ID ~string] struct {
	create func(context.Context, tenant.Caller, T) (T, error)
	get    func(context.Context, tenant.Caller, ID) (T, error)
	update func(context.Context, tenant.Caller, ID, func(*T) error) (T, error)
	remove func(context.Context, tenant.Caller, ID) error
}

// keptRows are the routes of a kept thing, without what answers them.
type keptRows struct{ create, get, update, remove Route }

// builds is a request to create a T.
type builds[T any] interface{ build() (T, error) }

// changes is a request to change the T of an id.
type changes[T any] interface {
	target() string
	change(*T) error
}

// bindKept completes rows with what answers them; show is how the API has a T.
func bindKept[T any, ID ~string, Create builds[T], Update changes[T], Out any](ops kept[T, ID], show func(T) Out, rows keptRows) []Route {
	return []Route{
		Bind(rows.create, func(ctx context.Context, c tenant.Caller, in Create) (Out, error) {
			v, err := in.build()
			if err == nil {
				v, err = ops.create(ctx, c, v)
			}
			return show(v), err
		}),
		Bind(rows.get, func(ctx context.Context, c tenant.Caller, in byID) (Out, error) {
			v, err := ops.get(ctx, c, ID(in.ID))
			return show(v), err
		}),
		Bind(rows.update, func(ctx context.Context, c tenant.Caller, in Update) (Out, error) {
			v, err := ops.update(ctx, c, ID(in.target()), in.change)
			return show(v), err
		}),
		Bind(rows.remove, func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
			return none{}, ops.remove(ctx, c, ID(in.ID))
		}),
	}
}

// activeFilter narrows a list of the catalogue.
type activeFilter struct {
	Active string `json:"-" query:"active" enum:"true,false" doc:"Those that are offered now, or those that are not."`
}

// matches reports whether f asks for something that is paused, or is not.
func (f activeFilter) matches(paused bool) bool {
	return f.Active == "" || (f.Active == "true") != paused
}

// bindActive completes row with the function that lists all of a catalogue's
// things, or those that are offered now, or are not.
func bindActive[T, Out any](row Route, all func(context.Context, tenant.Caller) ([]T, error), paused func(T) bool, show func(T) Out) Route {
	return BindAll(row, func(ctx context.Context, c tenant.Caller, in activeFilter) ([]Out, error) {
		found, err := all(ctx, c)
		out := []Out{}
		for _, v := range found {
			if in.matches(paused(v)) {
				out = append(out, show(v))
			}
		}
		return out, err
	})
}
