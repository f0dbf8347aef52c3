package api

import (
	"context"

	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/gateway/usage"
)

type usageResponse struct {
	Timezone string             `json:"timezone" doc:"By whose clock the days are." example:"America/Belize"`
	Days     []usageDayResponse `json:"days" doc:"Each, those without use too."`
	Storage  storageResponse    `json:"storage" doc:"At this moment."`
}

type usageDayResponse struct {
	Date      string            `json:"date" example:"2026-11-21"`
	Messages  []messagesUsed    `json:"messages"`
	LLMTokens llmTokensResponse `json:"llm_tokens"`
}

type messagesUsed struct {
	ChannelID string `json:"channel_id"`
	Provider  string `json:"provider" example:"whatsapp"`
	Direction string `json:"direction" enum:"inbound,outbound"`
	Category  string `json:"category,omitempty" doc:"Of outbound messages." example:"utility"`
	Test      bool   `json:"test" doc:"Of the sandbox."`
	Messages  int    `json:"messages"`
	Failed    int    `json:"failed" doc:"Of these, those that did not go out."`
	Segments  int    `json:"segments" doc:"That SMS were sent in; 0 for what is none."`
}

type llmTokensResponse struct {
	Input  int `json:"input"`
	Output int `json:"output"`
}

type storageResponse struct {
	KnowledgeBytes int64 `json:"knowledge_bytes"`
	MediaBytes     int64 `json:"media_bytes"`
}

func toUsage(c tenant.Caller, r usage.Report) usageResponse {
	out := usageResponse{Timezone: c.Business.Location().String(), Days: []usageDayResponse{}, Storage: storageResponse{r.KnowledgeBytes, r.MediaBytes}}
	for _, d := range r.Days {
		day := usageDayResponse{Date: d.Date, Messages: []messagesUsed{}, LLMTokens: llmTokensResponse{d.TokensIn, d.TokensOut}}
		for _, m := range d.Messages {
			day.Messages = append(day.Messages, messagesUsed{
				ChannelID: string(m.Channel), Provider: m.Provider, Direction: string(m.Direction), Category: m.Category, Test: m.Test,
				Messages: m.Messages, Failed: m.Failed, Segments: m.Segments,
			})
		}
		out.Days = append(out.Days, day)
	}
	return out
}

type usageFilter struct {
	From string `json:"-" query:"from" maxLength:"10" doc:"The first day; 29 before the last, if left out." example:"2026-11-01"`
	To   string `json:"-" query:"to" maxLength:"10" doc:"The last day; today, if left out." example:"2026-11-30"`
}

func usageRoutes(ops *operation.Operations) []Route {
	return []Route{
		Bind(Route{Method: "GET", Path: "/v1/usage", ID: "getUsage", Tag: "Usage", Scope: "usage:read", Summary: "Get what was used, day by day",
			Doc: "Days are by the business's clock, and messages lie on the day on which they were recorded. At most 92 days."},
			func(ctx context.Context, c tenant.Caller, in usageFilter) (usageResponse, error) {
				r, err := ops.Usage(ctx, c, in.From, in.To)
				return toUsage(c, r), err
			}),
	}
}
