package api

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"time"

	"github.com/valyala/fasthttp"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest/tenantdb"
)

// applier puts a business's file into effect; *tenant.Applier is one.
type applier interface {
	Apply(ctx context.Context, file *tenant.File, opt tenant.ApplyOptions) (tenant.Applied, error)
}

type appliedResponse struct {
	Tenant    string               `json:"tenant"`
	Keys      []newKeyResponse     `json:"keys"`
	Webhooks  []newWebhookResponse `json:"webhooks"`
	Created   []string             `json:"created"`
	Changed   []string             `json:"changed"`
	Unchanged []string             `json:"unchanged"`
	Removed   []string             `json:"removed"`
}

type newKeyResponse struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

type newWebhookResponse struct {
	URL       string `json:"url"`
	Secret    string `json:"secret"`
	PublicKey string `json:"public_key"`
}

func toApplied(a tenant.Applied) appliedResponse {
	list := func(s []string) []string { return append([]string{}, s...) }
	out := appliedResponse{
		Tenant: string(a.Tenant), Keys: []newKeyResponse{}, Webhooks: []newWebhookResponse{},
		Created: list(a.Created), Changed: list(a.Changed), Unchanged: list(a.Unchanged), Removed: list(a.Removed),
	}
	for _, k := range a.Keys {
		out.Keys = append(out.Keys, newKeyResponse(k))
	}
	for _, w := range a.Webhooks {
		out.Webhooks = append(out.Webhooks, newWebhookResponse(w))
	}
	return out
}

// applyTimeout bounds an apply: its documents are read and embedded in it.
const applyTimeout = 5 * time.Minute

// AdminRoutes is PUT /admin/v1/apply for who bears token. Without a token there
// are no such routes.
func AdminRoutes(token string, applier applier) []edge.Route {
	if token == "" {
		return nil
	}
	return []edge.Route{{
		Method: http.MethodPut, Path: "/admin/v1/apply", MaxBodyBytes: tenant.MaxFileBytes, Timeout: applyTimeout,
		Handler: func(ctx context.Context, req *fasthttp.RequestCtx) error {
			if subtle.ConstantTimeCompare([]byte(keyOf(req)), []byte(token)) != 1 {
				return &edge.Fault{Status: http.StatusUnauthorized, Code: "unauthorized", Refused: true,
					Detail: "send the admin token (FRONTDESK_ADMIN_TOKEN) as Authorization: Bearer TOKEN"}
			}
			return apply(ctx, req, applier)
		},
	}}
}

func apply(ctx context.Context, req *fasthttp.RequestCtx, applier applier) error {
	var opt tenant.ApplyOptions
	var err error
	if opt.Prune, err = flag(req, "prune"); err != nil {
		return err
	}
	if opt.DryRun, err = flag(req, "dry_run"); err != nil {
		return err
	}
	body, err := edge.Body(req)
	if err != nil {
		return err
	}
	file, err := tenant.Parse(body)
	if err != nil {
		return explainFile(err)
	}
	ctx = tenantdb.As(ctx, tenantdb.Actor{Kind: tenantdb.ByAdmin, Action: "apply", Request: edge.RequestID(req)})
	done, err := applier.Apply(ctx, file, opt)
	if err != nil {
		return explainFile(err)
	}
	return edge.Reply(req, http.StatusOK, envelope{toApplied(done), meta{edge.RequestID(req)}})
}

func flag(req *fasthttp.RequestCtx, name string) (bool, error) {
	switch string(req.QueryArgs().Peek(name)) {
	case "":
		return false, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, edge.Invalid(edge.FieldError{Field: name, Message: "true or false is expected"})
}

// explainFile tells what is wrong with a file, line by line.
func explainFile(err error) error {
	var invalid *tenant.InvalidError
	if !errors.As(err, &invalid) {
		return err
	}
	f := &edge.Fault{Status: http.StatusBadRequest, Code: "invalid_file", Refused: true, Detail: "nothing was applied: the file has errors; see details"}
	if invalid.Partly {
		f.Detail = "the file was applied up to an article that cannot be taken; see details, and apply it again when corrected"
	}
	for _, p := range invalid.Problems {
		f.Fields = append(f.Fields, edge.FieldError{Field: p.Field, Message: p.Message, Line: p.Line})
	}
	return f
}
