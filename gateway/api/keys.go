package api

import (
	"context"
	"time"

	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

type apiKeyResponse struct {
	keyResponse
	Start      string     `json:"start" doc:"How the key begins: the part of it that is no secret." example:"fd_live_3kTMd9aQ"`
	Plan       string     `json:"plan,omitempty" enum:"starter,free,professional,pro,enterprise,unlimited" doc:"Whose limits the key has, where they are lower than the business's."`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty" doc:"Absent: never."`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" doc:"To some ten seconds."`
	OlderUntil *time.Time `json:"previous_key_until,omitempty" doc:"Until when the secret before this one is good too."`
	RevokedAt  *time.Time `json:"revoked_at,omitempty"`
}

type newAPIKeyResponse struct {
	apiKeyResponse
	Key string `json:"key" doc:"The key itself. It is shown this once." example:"fd_live_3kTMd9aQ0gFh1kYbW4c7xUu2pTn8sJrVeZ5mLqXaDo6iBwCyHfG1dR9vQ"`
}

func toKey(k tenant.Key) apiKeyResponse {
	return apiKeyResponse{
		keyResponse: keyResponse{ID: k.ID, Name: k.Name, Mode: string(k.Mode), Dialect: string(k.Dialect), Scopes: append([]string{}, k.Scopes...)},
		Start:       k.Start(), Plan: k.Plan, CreatedAt: k.CreatedAt.UTC(), ExpiresAt: orNil(k.ExpiresAt), LastUsedAt: orNil(k.LastUsedAt),
		OlderUntil: orNil(k.OlderUntil), RevokedAt: orNil(k.RevokedAt),
	}
}

type createKeyRequest struct {
	Name      string    `json:"name" required:"true" maxLength:"100" example:"crm"`
	Scopes    []string  `json:"scopes" required:"true" max:"50" maxLength:"50" doc:"What the key may do, such as contacts:read. * is all. None may go beyond those of the key that asks." example:"contacts:read"`
	Mode      string    `json:"mode" enum:"live,test" doc:"What a test key sends stays in the sandbox. That of the key that asks, if left out."`
	Dialect   string    `json:"dialect" enum:"frontdesk,aivo,kaivox,avoca,buildvoiceai,convoai" doc:"Whose API it is for: it decides how the key begins and the figures of its plan. frontdesk, if left out."`
	Plan      string    `json:"plan" enum:"starter,free,professional,pro,enterprise,unlimited" doc:"Limits below those of the business. Those of the key that asks, if left out."`
	ExpiresAt time.Time `json:"expires_at" doc:"From when on the key is refused with key_expired. That of the key that asks, if left out."`
}

type updateKeyRequest struct {
	ID        string     `json:"-" path:"id" maxLength:"64"`
	Name      *string    `json:"name" maxLength:"100"`
	Scopes    *[]string  `json:"scopes" max:"50" maxLength:"50" doc:"All of them." example:"contacts:read"`
	ExpiresAt *time.Time `json:"expires_at" doc:"From when on the key is refused."`
}

// Check refuses a name that is blank.
func (in *updateKeyRequest) Check() []edge.FieldError {
	if in.Name != nil && *in.Name == "" {
		return []edge.FieldError{{Field: "name", Message: "is empty"}}
	}
	return nil
}

type rotateKeyRequest struct {
	ID             string `json:"-" path:"id" maxLength:"64"`
	OverlapSeconds int    `json:"overlap_seconds" min:"0" max:"604800" doc:"For how long the present secret is good beside the new one; 0 ends it now." example:"3600"`
}

func keyRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "keys:read", "keys:write", "Keys"
	const beyond = "beyond_own_key"
	return []Route{
		BindList(Route{Method: "GET", Path: "/v1/keys", ID: "listKeys", Tag: tag, Scope: read, Summary: "List keys, newest first", Doc: "Revoked ones too, and never their secrets."},
			func(ctx context.Context, c tenant.Caller, in struct{ paging }) (page[apiKeyResponse], error) {
				p, err := ops.Keys(ctx, c, in.Limit, in.Cursor)
				return pageOf(p, toKey), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/keys", ID: "createKey", Tag: tag, Scope: write, Status: 201, Faults: []string{beyond, "key_exists", "too_many_keys"},
			Summary: "Create a key", Doc: "It may do no more than the key that asks, has no limit that is larger, and shares the limits that are the same. This answer tells its secret, and nothing does again."},
			func(ctx context.Context, c tenant.Caller, in createKeyRequest) (newAPIKeyResponse, error) {
				k, secret, err := ops.CreateKey(ctx, c, tenant.KeySpec{
					Name: in.Name, Scopes: in.Scopes, Mode: tenant.Mode(in.Mode), Dialect: tenant.Dialect(in.Dialect), Plan: in.Plan, ExpiresAt: in.ExpiresAt.UTC(),
				})
				return newAPIKeyResponse{toKey(k), secret}, err
			}),
		Bind(Route{Method: "GET", Path: "/v1/keys/{id}", ID: "getKey", Tag: tag, Scope: read, Summary: "Get a key"},
			func(ctx context.Context, c tenant.Caller, in byID) (apiKeyResponse, error) {
				k, err := ops.Key(ctx, c, in.ID)
				return toKey(k), err
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/keys/{id}", ID: "updateKey", Tag: tag, Scope: write, Faults: []string{beyond, "key_exists", "key_revoked"},
			Summary: "Change a key", Doc: "What is left out stays as it is. In force everywhere within a second."},
			func(ctx context.Context, c tenant.Caller, in updateKeyRequest) (apiKeyResponse, error) {
				k, err := ops.UpdateKey(ctx, c, in.ID, tenant.KeyChange{Name: in.Name, Scopes: in.Scopes, ExpiresAt: in.ExpiresAt})
				return toKey(k), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/keys/{id}/rotate", ID: "rotateKey", Tag: tag, Scope: write, Faults: []string{beyond, "key_revoked"},
			Summary: "Replace a key's secret", Doc: "Both are good until the overlap ends. Rotating again within it ends the older one."},
			func(ctx context.Context, c tenant.Caller, in rotateKeyRequest) (newAPIKeyResponse, error) {
				k, secret, err := ops.RotateKey(ctx, c, in.ID, time.Duration(in.OverlapSeconds)*time.Second)
				return newAPIKeyResponse{toKey(k), secret}, err
			}),
		Bind(Route{Method: "DELETE", Path: "/v1/keys/{id}", ID: "revokeKey", Tag: tag, Scope: write, Status: 204, Faults: []string{beyond},
			Summary: "Revoke a key", Doc: "With both of its secrets: refused everywhere within a second. A key may revoke itself."},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				return none{}, ops.RevokeKey(ctx, c, in.ID)
			}),
	}
}
