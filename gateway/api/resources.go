package api

import (
	"time"

	"frontdesk/agent/booking"
	"frontdesk/gateway/operation"
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

func (f resourceFields) apply(r *booking.Resource) error {
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

func (in createResourceRequest) build() (booking.Resource, error) {
	v := booking.Resource{Name: in.Name}
	return v, in.apply(&v)
}

type updateResourceRequest struct {
	byID
	Name *string `json:"name" maxLength:"200"`
	resourceFields
}

func (in updateResourceRequest) change(r *booking.Resource) error {
	set(&r.Name, in.Name)
	return in.apply(r)
}

// resourceRoutes is the rooms and equipment that services need; the scopes are
// those of services.
func resourceRoutes(ops *operation.Operations) []Route {
	const read, write, tag, path = "services:read", "services:write", "Resources", "/v1/resources"
	return append([]Route{
		bindActive(Route{Method: "GET", Path: path, ID: "listResources", Tag: tag, Scope: read, Summary: "List rooms and equipment, by number"},
			ops.Resources, func(r booking.Resource) bool { return r.Paused }, toResource),
	}, bindKept[booking.Resource, ingest.ResourceID, createResourceRequest, updateResourceRequest](
		kept[booking.Resource, ingest.ResourceID]{ops.CreateResource, ops.Resource, ops.UpdateResource, ops.RemoveResource}, toResource, keptRows{
			create: Route{Method: "POST", Path: path, ID: "createResource", Faults: []string{"resource_exists", "name_taken"}, Tag: tag, Scope: write, Status: 201, Summary: "Add a room or a piece of equipment"},
			get:    Route{Method: "GET", Path: path + "/{id}", ID: "getResource", Tag: tag, Scope: read, Summary: "Get a resource"},
			update: Route{Method: "PATCH", Path: path + "/{id}", ID: "updateResource", Faults: []string{"name_taken"}, Tag: tag, Scope: write, Summary: "Change a resource", Doc: "What is left out stays as it is."},
			remove: Route{Method: "DELETE", Path: path + "/{id}", ID: "removeResource", Tag: tag, Scope: write, Status: 204, Summary: "Remove a resource", Doc: "Its appointments stay."},
		})...)
}
