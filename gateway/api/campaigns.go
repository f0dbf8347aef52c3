package api

import (
	"context"
	"time"

	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

// campaignResponse is a mailing to many contacts. There is nothing yet that
// makes one; the shape is what a list of them will have.
type campaignResponse struct {
	ID          string     `json:"id" example:"cmp_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number      int64      `json:"number" doc:"Counts up within the business."`
	Name        string     `json:"name"`
	ChannelID   string     `json:"channel_id"`
	Status      string     `json:"status" enum:"draft,scheduled,running,paused,completed,cancelled"`
	Recipients  int        `json:"recipients"`
	Sent        int        `json:"sent"`
	Delivered   int        `json:"delivered"`
	Failed      int        `json:"failed"`
	ScheduledAt *time.Time `json:"scheduled_at,omitempty"`
	CompletedAt *time.Time `json:"completed_at,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
}

type campaignFilter struct {
	paging
	Status string `json:"-" query:"status" enum:"draft,scheduled,running,paused,completed,cancelled"`
}

func campaignRoutes(*operation.Operations) []Route {
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/campaigns", ID: "listCampaigns", Tag: "Campaigns", Scope: "campaigns:read", Summary: "List campaigns, newest first",
			Doc: "Campaigns cannot be made yet, so the list is empty."},
			func(context.Context, tenant.Caller, campaignFilter) (page[campaignResponse], error) {
				return page[campaignResponse]{}, nil
			}),
	}
}
