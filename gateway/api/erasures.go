package api

import (
	"context"
	"encoding/hex"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type erasureResponse struct {
	ID        string           `json:"id" example:"era_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number    int64            `json:"number" doc:"Counts up within the business."`
	ContactID string           `json:"contact_id" doc:"Means nobody any more."`
	By        string           `json:"by" doc:"The key that asked."`
	Counts    map[string]int64 `json:"counts" doc:"How many rows of what were removed or emptied."`
	Hash      string           `json:"hash" doc:"SHA-256 over the receipt before and this one: none can be changed or taken out unseen."`
	At        time.Time        `json:"at"`
}

func toErasure(r contact.Receipt) erasureResponse {
	return erasureResponse{r.ID, r.Number, string(r.Contact), r.By, r.Counts, hex.EncodeToString(r.Hash), r.At.UTC()}
}

const erasing = "Their name, identifiers, what was said, appointments and everything else of them is gone from the database, and cannot come back by a replay. What they opted out of is kept under a keyed hash and holds should they come back."

// erasureRoutes is who is to be forgotten.
func erasureRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "contacts:read", "contacts:write", "Contacts"
	return []Route{
		Bind(Route{Method: "DELETE", Path: "/v1/contacts/{id}", ID: "deleteContact", Tag: tag, Scope: write, Status: 204, Summary: "Delete a contact", Doc: "The same as erasing: " + erasing},
			func(ctx context.Context, c tenant.Caller, in byID) (none, error) {
				_, err := ops.EraseContact(ctx, c, ingest.ContactID(in.ID))
				return none{}, err
			}),
		Bind(Route{Method: "POST", Path: "/v1/contacts/{id}/erase", ID: "eraseContact", Tag: tag, Scope: write, Summary: "Erase a person, with a receipt", Doc: erasing},
			func(ctx context.Context, c tenant.Caller, in byID) (erasureResponse, error) {
				got, err := ops.EraseContact(ctx, c, ingest.ContactID(in.ID))
				return toErasure(got), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/contacts/erasures", ID: "listErasures", Tag: tag, Scope: read, Summary: "List the receipts of erasures, newest first"},
			func(ctx context.Context, c tenant.Caller, in struct{ paging }) (page[erasureResponse], error) {
				p, err := ops.Erasures(ctx, c, in.Limit, in.Cursor)
				return pageOf(p, toErasure), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/contacts/erasures/{id}", ID: "getErasure", Tag: tag, Scope: read, Summary: "Get the receipt of an erasure"},
			func(ctx context.Context, c tenant.Caller, in byID) (erasureResponse, error) {
				got, err := ops.Erasure(ctx, c, in.ID)
				return toErasure(got), err
			}),
	}
}
