package api

import (
	"context"
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type resourceResponse struct {
	ID        string              `json:"id" example:"res_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number    int64               `json:"number" doc:"Counts up within the business."`
	Name      string              `json:"name" example:"Room 1"`
	Kind      string              `json:"kind,omitempty" example:"room"`
	Hours     map[string][]string `json:"hours" doc:"By weekday; empty: whenever it is asked for."`
	Off       []offResponse       `json:"off"`
	Active    bool                `json:"active"`
	CreatedAt time.Time           `json:"created_at"`
	UpdatedAt time.Time           `json:"updated_at"`
}

func toResource(r booking.Resource) resourceResponse {
	return resourceResponse{
		ID: string(r.ID), Number: r.Number, Name: r.Name, Kind: r.Kind, Hours: r.Hours.Days(), Off: toOff(r.Off), Active: !r.Paused,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

type resourceFields struct {
	Kind   *string `json:"kind" maxLength:"200" doc:"A service may need any one of a kind." example:"room"`
	Active *bool   `json:"active" doc:"False: cannot be used for now."`
	times
}

func (f resourceFields) change(r *booking.Resource) error {
	set(&r.Kind, f.Kind)
	if f.Active != nil {
		r.Paused = !*f.Active
	}
	return f.times.apply(&r.Hours, &r.Off)
}

type createResourceRequest struct {
	Name string `json:"name" required:"true" maxLength:"200" example:"Room 1"`
	resourceFields
}

type updateResourceRequest struct {
	ID   string  `json:"-" path:"id" maxLength:"64"`
	Name *string `json:"name" maxLength:"200"`
	resourceFields
}

func (in updateResourceRequest) apply(r *booking.Resource) error {
	set(&r.Name, in.Name)
	return in.change(r)
}

// resourceRoutes is the rooms and equipment that services need; the scopes are
// those of services.
func resourceRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "services:read", "services:write", "Resources"
	return []Route{
		BindAll(Route{Method: "GET", Path: "/v1/resources", ID: "listResources", Tag: tag, Scope: read, Summary: "List rooms and equipment, by number"},
			func(ctx context.Context, c tenant.Caller, in activeFilter) ([]resourceResponse, error) {
				all, err := ops.Resources(ctx, c)
				out := []resourceResponse{}
				for _, r := range all {
					if in.matches(r.Paused) {
						out = append(out, toResource(r))
					}
				}
				return out, err
			}),
		Bind(Route{Method: "POST", Path: "/v1/resources", ID: "createResource", Faults: []string{"resource_exists", "name_taken"}, Tag: tag, Scope: write, Status: 201, Summary: "Add a room or a piece of equipment"},
			func(ctx context.Context, c tenant.Caller, in createResourceRequest) (resourceResponse, error) {
				v := booking.Resource{Name: in.Name}
				if err := in.change(&v); err != nil {
					return resourceResponse{}, err
				}
				got, err := ops.CreateResource(ctx, c, v)
				return toResource(got), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/resources/{id}", ID: "getResource", Tag: tag, Scope: read, Summary: "Get a resource"},
			func(ctx context.Context, c tenant.Caller, in byID) (resourceResponse, error) {
				got, err := ops.Resource(ctx, c, ingest.ResourceID(in.ID))
				return toResource(got), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/resources/{id}", ID: "updateResource", Faults: []string{"name_taken"}, Tag: tag, Scope: write, Summary: "Change a resource", Doc: "What is left out stays as it is."},
			func(ctx context.Context, c tenant.Caller, in updateResourceRequest) (resourceResponse, error) {
				got, err := ops.UpdateResource(ctx, c, ingest.ResourceID(in.ID), in.apply)
				return toResource(got), err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/resources/{id}", ID: "removeResource", Tag: tag, Scope: write, Status: 204, Summary: "Remove a resource", Doc: "Its appointments stay."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.RemoveResource(ctx, c, ingest.ResourceID(in.ID))
			}),
	}
}
