package api

import (
	"context"
	"time"

	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

type meResponse struct {
	Key      keyResponse      `json:"key"`
	Business businessResponse `json:"business"`
	Plan     planResponse     `json:"plan"`
}

type keyResponse struct {
	ID      string   `json:"id" example:"key_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Name    string   `json:"name"`
	Mode    string   `json:"mode" enum:"live,test" doc:"What a test key sends stays in the sandbox."`
	Dialect string   `json:"dialect"`
	Scopes  []string `json:"scopes"`
}

type businessResponse struct {
	ID        string              `json:"id" example:"tnt_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Slug      string              `json:"slug"`
	Name      string              `json:"name"`
	Phone     string              `json:"phone,omitempty"`
	Email     string              `json:"email,omitempty"`
	Timezone  string              `json:"timezone"`
	Languages []string            `json:"languages"`
	Hours     map[string][]string `json:"hours"`
	Closed    []string            `json:"closed"`
}

type planResponse struct {
	Name   string          `json:"name"`
	Limits []limitResponse `json:"limits"`
}

type limitResponse struct {
	Class      string `json:"class" enum:"requests,bulk,messages,knowledge,workspace"`
	Count      int    `json:"count"`
	PerSeconds int    `json:"per_seconds"`
}

func toMe(c tenant.Caller) meResponse {
	out := meResponse{
		Key:      keyResponse{ID: c.KeyID, Name: c.KeyName, Mode: string(c.Mode), Dialect: string(c.Dialect), Scopes: c.Scopes},
		Business: toBusiness(c.Business),
		Plan:     planResponse{Name: c.Plan.Name, Limits: []limitResponse{}},
	}
	for _, class := range []tenant.Class{tenant.Requests, tenant.Bulk, tenant.Messages, tenant.Knowledge, tenant.Workspace} {
		if l, ok := c.Plan.Limits[class]; ok {
			out.Plan.Limits = append(out.Plan.Limits, limitResponse{string(class), l.Count, int(l.Per / time.Second)})
		}
	}
	return out
}

func meRoutes() []Route {
	return []Route{
		Bind(Route{Method: "GET", Path: "/v1/me", ID: "getMe", Tag: "Me", Summary: "Who the key belongs to and what it may do"},
			func(_ context.Context, c tenant.Caller, _ struct{}) (meResponse, error) { return toMe(c), nil }),
	}
}

// Routes is the table of /v1.
func Routes(ops *operation.Operations) []Route {
	var out []Route
	for _, part := range [][]Route{
		meRoutes(), agentRoutes(ops), knowledgeRoutes(ops), knowledgeVersionRoutes(ops), messageRoutes(ops), messageBulkRoutes(ops), conversationRoutes(ops), contactRoutes(ops), analyticsRoutes(ops),
		bookingRoutes(ops), campaignRoutes(ops), templateRoutes(ops), mediaRoutes(ops), channelRoutes(ops),
		keyRoutes(ops), businessRoutes(ops), auditRoutes(ops), usageRoutes(ops),
		webhookRoutes(ops),
	} {
		out = append(out, part...)
	}
	return out
}
