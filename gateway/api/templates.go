package api

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/gateway/operation"
	"frontdesk/gateway/template"
	"frontdesk/gateway/tenant"
)

type storedTemplateResponse struct {
	ID              string          `json:"id" example:"tpl_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Name            string          `json:"name" example:"visit_reminder"`
	Language        string          `json:"language" example:"en_US"`
	Category        string          `json:"category,omitempty" example:"utility"`
	Status          string          `json:"status" doc:"In the provider's words: pending, approved, rejected, paused, disabled … Only an approved one can be sent." example:"approved"`
	Quality         string          `json:"quality,omitempty" example:"green"`
	Reason          string          `json:"reason,omitempty" doc:"Why it was refused."`
	ParameterFormat string          `json:"parameter_format,omitempty"`
	Components      json.RawMessage `json:"components,omitempty" doc:"In the provider's own form; left out where it is not known here."`
	ProviderID      string          `json:"provider_template_id,omitempty"`
	AccountID       string          `json:"account_id" doc:"The WhatsApp business account that it belongs to."`
	Test            bool            `json:"test" doc:"Of the sandbox: approved as it was made."`
	CreatedAt       time.Time       `json:"created_at"`
	UpdatedAt       time.Time       `json:"updated_at"`
}

func toTemplate(t template.Template) storedTemplateResponse {
	return storedTemplateResponse{
		ID: t.ID, Name: t.Name, Language: t.Language, Category: t.Category, Status: t.Status, Quality: t.Quality, Reason: t.Reason,
		ParameterFormat: t.ParameterFormat, Components: t.Components, ProviderID: t.ProviderID, AccountID: t.Account, Test: t.Test,
		CreatedAt: t.CreatedAt.UTC(), UpdatedAt: t.UpdatedAt.UTC(),
	}
}

type templateFilter struct {
	paging
	Channel  string `json:"-" query:"channel" maxLength:"100" doc:"Name or id of a WhatsApp channel: those of its account."`
	Name     string `json:"-" query:"name" maxLength:"512"`
	Language string `json:"-" query:"language" maxLength:"20"`
	Status   string `json:"-" query:"status" maxLength:"40"`
}

type createTemplateRequest struct {
	Channel         string          `json:"channel" maxLength:"100" doc:"Name or id of a WhatsApp channel; the first, if left out." example:"main"`
	Name            string          `json:"name" required:"true" maxLength:"512" example:"visit_reminder"`
	Language        string          `json:"language" required:"true" maxLength:"20" example:"en_US"`
	Category        string          `json:"category" required:"true" enum:"marketing,utility,authentication"`
	ParameterFormat string          `json:"parameter_format" enum:"positional,named" doc:"How placeholders are called; positional, if left out."`
	Components      json.RawMessage `json:"components" required:"true" doc:"In the provider's own form: HEADER, BODY, FOOTER, BUTTONS, with an example for each placeholder."`
}

func (in createTemplateRequest) template() template.Template {
	t := template.Template{Name: in.Name, Language: in.Language, Category: in.Category, ParameterFormat: in.ParameterFormat, Components: in.Components}
	if t.ParameterFormat == "" {
		t.ParameterFormat = "positional"
	}
	return t
}

type syncTemplatesRequest struct {
	Channel string `json:"channel" maxLength:"100" doc:"Name or id of a WhatsApp channel; the first, if left out."`
}

type syncTemplatesResponse struct {
	Templates int `json:"templates" doc:"How many the provider has."`
}

func templateRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "templates:read", "templates:write", "Templates"
	refused := []string{"provider_refused", "provider_unavailable", "channel_down"}
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/templates", ID: "listTemplates", Tag: tag, Scope: read, Summary: "List message templates, newest first"},
			func(ctx context.Context, c tenant.Caller, in templateFilter) (page[storedTemplateResponse], error) {
				p, err := ops.Templates(ctx, c, in.Channel, template.Filter{Name: in.Name, Language: in.Language, Status: in.Status, Limit: in.Limit, After: in.Cursor})
				return pageOf(p, toTemplate), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/templates", ID: "createTemplate", Tag: tag, Scope: write, Status: 201, Timeout: 30 * time.Second,
			Faults: append([]string{"template_exists"}, refused...), Summary: "Submit a message template",
			Doc: "The provider judges it: its status changes, and webhooks are sent template.updated. In the sandbox it is approved at once."},
			func(ctx context.Context, c tenant.Caller, in createTemplateRequest) (storedTemplateResponse, error) {
				t, err := ops.CreateTemplate(ctx, c, in.Channel, in.template())
				return toTemplate(t), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/templates/sync", ID: "syncTemplates", Tag: tag, Scope: write, Timeout: time.Minute, Faults: refused,
			Summary: "Fetch the templates that were made at the provider"},
			func(ctx context.Context, c tenant.Caller, in syncTemplatesRequest) (syncTemplatesResponse, error) {
				n, err := ops.SyncTemplates(ctx, c, in.Channel)
				return syncTemplatesResponse{n}, err
			}),
		Bind(Route{Method: "GET", Path: "/v1/templates/{id}", ID: "getTemplate", Tag: tag, Scope: read, Summary: "Get a message template"},
			func(ctx context.Context, c tenant.Caller, in byID) (storedTemplateResponse, error) {
				t, err := ops.Template(ctx, c, in.ID)
				return toTemplate(t), err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/templates/{id}", ID: "deleteTemplate", Tag: tag, Scope: write, Status: 204, Timeout: 30 * time.Second,
			Faults: append([]string{"live_template", "channel_missing"}, refused...), Summary: "Delete a message template", Doc: "At the provider too, which blocks its name for 30 days."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.DeleteTemplate(ctx, c, in.ID)
			}),
	}
}
