package api

import (
	"context"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

type wholeBusinessResponse struct {
	businessResponse
	QuietHours         string `json:"quiet_hours,omitempty" doc:"When nothing is sent of our own accord, by the business's clock." example:"21:00-08:00"`
	DailyBudget        int    `json:"daily_budget" doc:"Messages of our own accord a day; 0 is no limit."`
	NoShowAfterMinutes int    `json:"no_show_after_minutes" doc:"So long after its end an appointment that is still scheduled is marked as a no-show; 0 is never."`
	WaitlistTemplate   string `json:"waitlist_template,omitempty" doc:"The approved template that offers a free time to who waits, where WhatsApp takes nothing else." example:"slot_free"`
	Plan               string `json:"plan" doc:"Set by who runs the system."`
}

func toWholeBusiness(b tenant.Tenant) wholeBusinessResponse {
	return wholeBusinessResponse{toBusiness(b), b.QuietHours, b.DailyBudget, inMinutes(b.NoShowAfter), b.WaitlistTemplate, b.Plan}
}

func toBusiness(b tenant.Tenant) businessResponse {
	out := businessResponse{
		ID: string(b.ID), Slug: b.Slug, Name: b.Name, Phone: b.Phone, Email: b.Email, Timezone: b.Timezone,
		Languages: append([]string{}, b.Languages...), Hours: b.Hours, Closed: append([]string{}, b.Closed...),
	}
	if out.Hours == nil {
		out.Hours = map[string][]string{}
	}
	return out
}

type updateBusinessRequest struct {
	Name        *string              `json:"name" maxLength:"200" example:"Casa Maya Dental"`
	Timezone    *string              `json:"timezone" maxLength:"64" doc:"An IANA name." example:"America/Belize"`
	Phone       *string              `json:"phone" maxLength:"16" doc:"E.164; empty is none." example:"+5012279446"`
	Email       *string              `json:"email" maxLength:"254" doc:"Empty is none." example:"desk@example.com"`
	Languages   *[]string            `json:"languages" max:"20" maxLength:"3" doc:"The first is the default." example:"en"`
	Hours       *map[string][]string `json:"hours" doc:"The whole week: lower-case weekdays with spans such as 08:00-12:00. A day that is left out is closed."`
	Closed      *[]string            `json:"closed" max:"1000" maxLength:"10" doc:"Days that are closed whatever the hours say." example:"2026-12-25"`
	QuietHours  *string              `json:"quiet_hours" maxLength:"11" doc:"Empty is none." example:"21:00-08:00"`
	DailyBudget *int                 `json:"daily_budget" min:"0" max:"100000000" doc:"0 is no limit."`

	NoShowAfterMinutes *int    `json:"no_show_after_minutes" min:"0" max:"10080" doc:"0 is never: only for a business that marks who came as completed." example:"120"`
	WaitlistTemplate   *string `json:"waitlist_template" maxLength:"512" doc:"Its name, or name and language; two variables in its body, service and time, and two quick replies, yes and no. Empty is none." example:"slot_free/en_US"`
}

func (in updateBusinessRequest) change() tenant.BusinessChange {
	c := tenant.BusinessChange{
		Name: in.Name, Timezone: in.Timezone, Phone: in.Phone, Email: in.Email, Languages: in.Languages,
		Hours: (*tenant.Hours)(in.Hours), Closed: in.Closed, QuietHours: in.QuietHours, DailyBudget: in.DailyBudget,
		WaitlistTemplate: in.WaitlistTemplate,
	}
	if in.NoShowAfterMinutes != nil {
		after := minutes(*in.NoShowAfterMinutes)
		c.NoShowAfter = &after
	}
	return c
}

// Check reports what is wrong with the change.
func (in *updateBusinessRequest) Check() []edge.FieldError {
	var out []edge.FieldError
	for _, wrong := range in.change().Check() {
		out = append(out, edge.FieldError{Field: wrong.Field, Message: wrong.Message})
	}
	return out
}

func businessRoutes(ops *operation.Operations) []Route {
	const tag = "Business"
	return []Route{
		Bind(Route{Method: "GET", Path: "/v1/business", ID: "getBusiness", Tag: tag, Scope: "business:read", Summary: "Get the business of the key"},
			func(ctx context.Context, c tenant.Caller, _ struct{}) (wholeBusinessResponse, error) {
				b, err := ops.Business(ctx, c)
				return toWholeBusiness(b), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/business", ID: "updateBusiness", Tag: tag, Scope: "business:write",
			Summary: "Change the business of the key", Doc: "What is left out stays as it is. Slug and plan are for who runs the system."},
			func(ctx context.Context, c tenant.Caller, in updateBusinessRequest) (wholeBusinessResponse, error) {
				b, err := ops.UpdateBusiness(ctx, c, in.change())
				return toWholeBusiness(b), err
			}),
	}
}
