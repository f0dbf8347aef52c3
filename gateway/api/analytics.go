package api

import (
	"context"
	"time"

	"frontdesk/analytics"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

type analyticsRequest struct {
	Metrics    []string            `json:"metrics" required:"true" max:"20" doc:"What to compute." example:"messages"`
	Dimensions []string            `json:"dimensions" max:"8" doc:"What to split by." example:"channel"`
	Filters    map[string][]string `json:"filters" doc:"For a dimension, the values to keep."`
	Interval   string              `json:"interval" enum:"hour,day,week,month" doc:"Splits by time."`
	From       time.Time           `json:"from" doc:"30 days before to, if left out."`
	To         time.Time           `json:"to" doc:"Not included. Now, if left out."`
	Timezone   string              `json:"timezone" maxLength:"64" doc:"Where days begin; the business's own, if left out." example:"America/Belize"`
	Limit      int                 `json:"limit" min:"1" max:"10000" doc:"Rows at most; 1000, if left out."`
}

type reportResponse struct {
	Columns   []columnResponse `json:"columns"`
	Rows      [][]any          `json:"rows" doc:"One value per column."`
	Truncated bool             `json:"truncated" doc:"There are more rows than limit."`
}

type columnResponse struct {
	Name string `json:"name"`
	Kind string `json:"kind" enum:"dimension,metric"`
}

func toReport(r analytics.Result) reportResponse {
	out := reportResponse{Columns: []columnResponse{}, Rows: r.Rows, Truncated: r.Truncated}
	if out.Rows == nil {
		out.Rows = [][]any{}
	}
	for _, c := range r.Columns {
		kind := "dimension"
		if c.Metric {
			kind = "metric"
		}
		out.Columns = append(out.Columns, columnResponse{c.Name, kind})
	}
	return out
}

func analyticsRoutes(ops *operation.Operations) []Route {
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/analytics/query", ID: "queryAnalytics", Faults: []string{"analytics_unavailable"}, Tag: "Analytics", Scope: "analytics:read",
			Summary: "Ask for numbers", Doc: "Counts, rates and times of messages, turns and conversations, split and filtered. The sandbox does not count unless `test` is among the dimensions or filters."},
			func(ctx context.Context, c tenant.Caller, in analyticsRequest) (reportResponse, error) {
				zone := in.Timezone
				if zone == "" {
					zone = c.Business.Timezone
				}
				r, err := ops.Report(ctx, c, analytics.Query{
					Metrics: in.Metrics, Dimensions: in.Dimensions, Filters: in.Filters, Interval: in.Interval,
					From: in.From, To: in.To, Timezone: zone, Limit: in.Limit,
				})
				return toReport(r), err
			}),
	}
}
