package api

import (
	"context"
	"time"

	"frontdesk/gateway/audit"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

type auditResponse struct {
	ID        string    `json:"id" example:"aud_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor" enum:"key,admin" doc:"admin: who runs the system, by a business's file."`
	KeyID     string    `json:"key_id,omitempty" example:"key_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Action    string    `json:"action" doc:"The operationId of this document, or apply." example:"updateService"`
	Change    string    `json:"change" enum:"created,changed,deleted"`
	Object    string    `json:"object" example:"service"`
	ObjectID  string    `json:"object_id" example:"svc_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Fields    []string  `json:"fields" doc:"Names of what changed, as they are kept; never what is in them." example:"price"`
	RequestID string    `json:"request_id"`
}

func toAudit(e audit.Entry) auditResponse {
	return auditResponse{
		ID: e.ID, At: e.At.UTC(), Actor: e.Actor, KeyID: e.ActorID, Action: e.Action, Change: e.Change, Object: e.Object,
		ObjectID: e.ObjectID, Fields: append([]string{}, e.Fields...), RequestID: e.Request,
	}
}

type auditFilter struct {
	paging
	Object   string    `json:"-" query:"object" maxLength:"64" doc:"Only of such objects." example:"service"`
	ObjectID string    `json:"-" query:"object_id" maxLength:"64" doc:"Only of this object."`
	Action   string    `json:"-" query:"action" maxLength:"64" doc:"Only by this operation." example:"updateService"`
	Key      string    `json:"-" query:"key" maxLength:"64" doc:"Only by the key of this id."`
	Request  string    `json:"-" query:"request" maxLength:"64" doc:"Only by the request of this id."`
	From     time.Time `json:"-" query:"from" doc:"From this time on."`
	To       time.Time `json:"-" query:"to" doc:"Before this time."`
}

func auditRoutes(ops *operation.Operations) []Route {
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/audit", ID: "listAudit", Tag: "Audit", Scope: "audit:read", Faults: []string{"not_found"}, Summary: "List who changed what, newest first",
			Doc: "One entry for each object that a request or a business's file changed. An object that has none is not found. What the agent does in a conversation stands in its turns."},
			func(ctx context.Context, c tenant.Caller, in auditFilter) (page[auditResponse], error) {
				p, err := ops.Audit(ctx, c, audit.Filter{
					Object: in.Object, ObjectID: in.ObjectID, Action: in.Action, Key: in.Key, Request: in.Request, From: in.From, To: in.To, Limit: in.Limit, After: in.Cursor,
				})
				return pageOf(p, toAudit), err
			}),
	}
}
