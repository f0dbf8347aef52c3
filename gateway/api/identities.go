package api

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type mergeContactRequest struct {
	ID        string `json:"-" path:"id" maxLength:"64"`
	ContactID string `json:"contact_id" required:"true" maxLength:"64" doc:"Who is merged into the contact of the path."`
}

type contactChangeResponse struct {
	Kind   string          `json:"kind" enum:"merged,unmerged,rekeyed,reassigned"`
	Detail json.RawMessage `json:"detail"`
	At     time.Time       `json:"at"`
}

func toChange(c contact.Change) contactChangeResponse {
	return contactChangeResponse{c.Kind, c.Detail, c.At.UTC()}
}

// identityRoutes is who is who.
func identityRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "contacts:read", "contacts:write", "Contacts"
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/contacts/{id}/merge", ID: "mergeContact", Tag: tag, Scope: write, Faults: []string{"same_contact"}, Summary: "Merge another contact into this one",
			Doc: "This one keeps what it has and gets the other's where it has nothing: identifiers, conversations, appointments, tags, notes and custom fields. Of consents an opt-out outweighs an opt-in. Whoever writes from the other's number is this contact. It can be undone."},
			func(ctx context.Context, c tenant.Caller, in mergeContactRequest) (contactResponse, error) {
				got, err := ops.MergeContacts(ctx, c, ingest.ContactID(in.ID), ingest.ContactID(in.ContactID))
				return toContact(got), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/contacts/{id}/unmerge", ID: "unmergeContact", Tag: tag, Scope: write, Faults: []string{"not_merged"}, Summary: "Take a merged contact out again",
			Doc: "Both have what they had before the merge. What began since then stays where it is."},
			func(ctx context.Context, c tenant.Caller, in byID) (contactResponse, error) {
				got, err := ops.UnmergeContact(ctx, c, ingest.ContactID(in.ID))
				return toContact(got), err
			}),
		BindAll(Route{Method: "GET", Path: "/v1/contacts/{id}/history", ID: "listContactHistory", Tag: tag, Scope: read, Summary: "List what was merged and re-keyed, oldest first"},
			func(ctx context.Context, c tenant.Caller, in byID) ([]contactChangeResponse, error) {
				got, err := ops.ContactHistory(ctx, c, ingest.ContactID(in.ID))
				return each(got, toChange), err
			}),
	}
}
