package api

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

type contactResponse struct {
	ID          string                     `json:"id" example:"con_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number      int64                      `json:"number" doc:"Counts up within the business."`
	Name        string                     `json:"name,omitempty" example:"Maria Santos"`
	Username    string                     `json:"username,omitempty"`
	Phone       string                     `json:"phone,omitempty" example:"+5016123456"`
	Email       string                     `json:"email,omitempty" example:"maria@example.com"`
	Language    string                     `json:"language,omitempty"`
	Segment     string                     `json:"segment" enum:"lead,active,inactive,vip"`
	Stage       string                     `json:"stage,omitempty" doc:"Of the business's pipeline."`
	Source      string                     `json:"source,omitempty"`
	Notes       string                     `json:"notes,omitempty"`
	Tags        []string                   `json:"tags"`
	Fields      map[string]json.RawMessage `json:"fields" doc:"Custom fields by name."`
	Identifiers []identifierResponse       `json:"identifiers" doc:"The names under which providers know the person."`
	MergedInto  string                     `json:"merged_into,omitempty" doc:"The contact that this one turned out to be."`
	CreatedAt   time.Time                  `json:"created_at"`
	UpdatedAt   time.Time                  `json:"updated_at"`
	LastSeenAt  *time.Time                 `json:"last_seen_at,omitempty" doc:"Of their last message."`
}

type identifierResponse struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func toContact(c contact.Contact) contactResponse {
	out := contactResponse{
		ID: string(c.ID), Number: c.Number, Name: c.Name, Username: c.Username, Email: c.Email, Language: c.Language, Segment: string(c.Segment), Stage: c.Stage,
		Source: c.Source, Notes: c.Notes, Tags: append([]string{}, c.Tags...), Fields: c.Fields, Identifiers: []identifierResponse{}, MergedInto: string(c.MergedInto),
		CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC(), LastSeenAt: orNil(c.LastSeenAt),
	}
	if out.Fields == nil {
		out.Fields = map[string]json.RawMessage{}
	}
	for _, id := range c.Identifiers {
		out.Identifiers = append(out.Identifiers, identifierResponse{string(id.Kind), id.Value})
		if id.Kind == ingest.Phone && out.Phone == "" {
			out.Phone = id.Value
		}
		if id.Kind == ingest.Email && out.Email == "" {
			out.Email = id.Value
		}
	}
	return out
}

// contactDetailResponse is one contact with what it allows.
type contactDetailResponse struct {
	contactResponse
	Consents []consentResponse `json:"consents" doc:"What they opted in to and out of; what is not listed is allowed."`
}

type consentResponse struct {
	ChannelID string    `json:"channel_id"`
	Category  string    `json:"category" doc:"all is everything on the channel." example:"all"`
	Allowed   bool      `json:"allowed"`
	Source    string    `json:"source" doc:"keyword, provider, user_preferences, api or import."`
	At        time.Time `json:"at"`
}

func toConsents(list []contact.Preference) []consentResponse {
	out := []consentResponse{}
	for _, p := range list {
		out = append(out, consentResponse{string(p.Channel), p.Category, p.Allowed, p.Source, p.At.UTC()})
	}
	return out
}

type contactSearch struct {
	Query       string    `json:"-" query:"query" maxLength:"200" doc:"The same as q."`
	Q           string    `json:"-" query:"q" maxLength:"200" doc:"Words of the name, username or email, any case and accents, or a part of a phone number." example:"maria"`
	Phone       string    `json:"-" query:"phone" maxLength:"64" doc:"Exactly this number, or what else a provider calls them."`
	Email       string    `json:"-" query:"email" maxLength:"254" doc:"Exactly this address, any case."`
	Segment     string    `json:"-" query:"segment" enum:"lead,active,inactive,vip"`
	Stage       string    `json:"-" query:"stage" maxLength:"64"`
	Tag         string    `json:"-" query:"tag" maxLength:"64"`
	ChannelID   string    `json:"-" query:"channel_id" maxLength:"64" doc:"They have a conversation there."`
	CreatedFrom time.Time `json:"-" query:"created_from"`
	CreatedTo   time.Time `json:"-" query:"created_to" doc:"Not included."`
	SeenFrom    time.Time `json:"-" query:"seen_from" doc:"They wrote then or later."`
	SeenTo      time.Time `json:"-" query:"seen_to" doc:"They wrote, and not since then."`
}

func (in contactSearch) filter() contact.Filter {
	if in.Q == "" {
		in.Q = in.Query
	}
	return contact.Filter{
		Query: in.Q, Identifier: in.Phone, Email: in.Email, Segment: contact.Segment(in.Segment), Stage: in.Stage, Tag: in.Tag, Channel: ingest.ChannelID(in.ChannelID),
		CreatedFrom: in.CreatedFrom, CreatedTo: in.CreatedTo, SeenFrom: in.SeenFrom, SeenTo: in.SeenTo,
	}
}

type contactFilter struct {
	paging
	counting
	contactSearch
	Sort string `json:"-" query:"sort" enum:"newest,oldest,name" doc:"newest, if left out."`
}

type createContactRequest struct {
	Name        string                     `json:"name" maxLength:"200" example:"Maria Santos"`
	Phone       string                     `json:"phone" maxLength:"40" doc:"As people write it; of the business's country if it has no code." example:"+5016123456"`
	Email       string                     `json:"email" maxLength:"254" example:"maria@example.com"`
	Language    string                     `json:"language" maxLength:"3" example:"es"`
	Segment     string                     `json:"segment" enum:"lead,active,inactive,vip" doc:"lead, if left out."`
	Stage       string                     `json:"stage" maxLength:"64"`
	Source      string                     `json:"source" maxLength:"64" doc:"api, if left out." example:"walk_in"`
	Notes       string                     `json:"notes" maxLength:"10000" example:"Prefers morning appointments"`
	Tags        []string                   `json:"tags" max:"50" maxLength:"64" example:"newsletter"`
	Fields      map[string]json.RawMessage `json:"fields" doc:"Custom fields: up to 100, 16 KB together, nested up to five deep; those that are defined by their type."`
	Identifiers []identifierInput          `json:"identifiers" max:"10" doc:"Besides phone."`
	RequestKey  string                     `json:"-" request:"effect"`
}

type identifierInput struct {
	Kind  string `json:"kind" required:"true" enum:"phone,email,whatsapp_user,sender_id" example:"phone"`
	Value string `json:"value" required:"true" maxLength:"254" example:"+5016123457"`
}

func (in createContactRequest) contact() operation.NewContact {
	out := operation.NewContact{
		Profile: contact.Profile{
			Name: in.Name, Email: in.Email, Language: in.Language, Segment: contact.Segment(in.Segment), Stage: in.Stage, Source: in.Source, Notes: in.Notes, Tags: in.Tags, Fields: in.Fields,
		},
		Phone: in.Phone, RequestKey: in.RequestKey,
	}
	for _, i := range in.Identifiers {
		out.Identifiers = append(out.Identifiers, ingest.Identifier{Kind: ingest.IdentifierKind(i.Kind), Value: i.Value})
	}
	return out
}

type updateContactRequest struct {
	ID       string                     `json:"-" path:"id" maxLength:"64"`
	Name     *string                    `json:"name" maxLength:"200"`
	Email    *string                    `json:"email" maxLength:"254"`
	Language *string                    `json:"language" maxLength:"3"`
	Segment  *string                    `json:"segment" enum:"lead,active,inactive,vip" example:"vip"`
	Stage    *string                    `json:"stage" maxLength:"64" example:"won"`
	Source   *string                    `json:"source" maxLength:"64"`
	Notes    *string                    `json:"notes" maxLength:"10000"`
	Tags     *[]string                  `json:"tags" max:"50" maxLength:"64" doc:"All of them."`
	Fields   map[string]json.RawMessage `json:"fields" doc:"Those that are named are set; null takes one away."`
}

func (in updateContactRequest) patch() contact.Patch {
	p := contact.Patch{Name: in.Name, Email: in.Email, Language: in.Language, Stage: in.Stage, Source: in.Source, Notes: in.Notes, Tags: in.Tags, Fields: in.Fields}
	if in.Segment != nil {
		segment := contact.Segment(*in.Segment)
		p.Segment = &segment
	}
	return p
}

type identifyContactRequest struct {
	ID string `json:"-" path:"id" maxLength:"64"`
	identifierInput
}

type setConsentRequest struct {
	ID        string `json:"-" path:"id" maxLength:"64"`
	ChannelID string `json:"channel_id" required:"true" maxLength:"64"`
	Category  string `json:"category" maxLength:"64" doc:"marketing, utility …; all, if left out." example:"marketing"`
	Allowed   bool   `json:"allowed" doc:"False: they opted out."`
}

type contactFieldBody struct {
	Name    string   `json:"name" required:"true" maxLength:"64" doc:"Letters, digits, _ and -, a letter first." example:"birthday"`
	Type    string   `json:"type" required:"true" enum:"text,number,boolean,date,choice" example:"date"`
	Options []string `json:"options" max:"100" maxLength:"200" doc:"Of a choice."`
}

type contactFieldsRequest struct {
	Fields []contactFieldBody `json:"fields" max:"100" doc:"All of them: what is not named is not defined any more."`
}

func toField(f contact.Field) contactFieldBody {
	return contactFieldBody{f.Name, string(f.Type), append([]string{}, f.Options...)}
}

// contactRoutes is people.
func contactRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "contacts:read", "contacts:write", "Contacts"
	return append([]Route{
		BindList(Route{Method: "GET", Path: "/v1/contacts", ID: "listContacts", Tag: tag, Scope: read, Summary: "List and search contacts", Doc: "Newest first, unless sorted otherwise. All that is given must hold."},
			func(ctx context.Context, c tenant.Caller, in contactFilter) (page[contactResponse], error) {
				f := in.filter()
				f.Sort, f.Limit, f.After = contact.Sort(in.Sort), in.Limit, in.Cursor
				p, err := ops.Contacts(ctx, c, f)
				return counted(pageOf(p, toContact), err, in.counting, func() (int, error) { return ops.CountContacts(ctx, c, f) })
			}),
		Bind(Route{Method: "POST", Path: "/v1/contacts", ID: "createContact", Tag: tag, Scope: write, Status: 201, Faults: []string{"identifier_taken"},
			Summary: "Create a contact", Doc: "With a phone number, an email address or at least a name. A number that is a contact's already is refused; the message says whose."},
			func(ctx context.Context, c tenant.Caller, in createContactRequest) (contactResponse, error) {
				got, err := ops.CreateContact(ctx, c, in.contact())
				return toContact(got), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/contacts/{id}", ID: "getContact", Tag: tag, Scope: read, Summary: "Get a contact", Doc: "By its id or its number. One that was merged tells into whom."},
			func(ctx context.Context, c tenant.Caller, in byID) (contactDetailResponse, error) {
				return contactDetail(ctx, ops, c, in.ID)
			}),
		Bind(Route{Method: "PATCH", Path: "/v1/contacts/{id}", ID: "updateContact", Tag: tag, Scope: write, Summary: "Change a contact", Doc: "What is left out stays as it is."},
			func(ctx context.Context, c tenant.Caller, in updateContactRequest) (contactResponse, error) {
				got, err := ops.UpdateContact(ctx, c, ingest.ContactID(in.ID), in.patch())
				return toContact(got), err
			}),
		Bind(Route{Method: "POST", Path: "/v1/contacts/{id}/identifiers", ID: "identifyContact", Tag: tag, Scope: write, Faults: []string{"identifier_taken"},
			Summary: "Add a number or another identifier", Doc: "Whoever writes from it is this contact."},
			func(ctx context.Context, c tenant.Caller, in identifyContactRequest) (contactResponse, error) {
				got, err := ops.IdentifyContact(ctx, c, ingest.ContactID(in.ID), ingest.Identifier{Kind: ingest.IdentifierKind(in.Kind), Value: in.Value})
				return toContact(got), err
			}),
		BindAll(Route{Method: "PUT", Path: "/v1/contacts/{id}/consents", ID: "setConsent", Tag: tag, Scope: write, Summary: "Record an opt-in or opt-out", Doc: "As of now; the contact's next word outweighs it."},
			func(ctx context.Context, c tenant.Caller, in setConsentRequest) ([]consentResponse, error) {
				got, err := ops.SetConsent(ctx, c, ingest.ContactID(in.ID), operation.Consent{Channel: ingest.ChannelID(in.ChannelID), Category: in.Category, Allowed: in.Allowed})
				return toConsents(got), err
			}),
		BindAll(Route{Method: "GET", Path: "/v1/contacts/fields", ID: "listContactFields", Tag: tag, Scope: read, Summary: "List the defined custom fields"},
			func(ctx context.Context, c tenant.Caller, _ struct{}) ([]contactFieldBody, error) {
				got, err := ops.ContactFields(ctx, c)
				return each(got, toField), err
			}),
		BindAll(Route{Method: "PUT", Path: "/v1/contacts/fields", ID: "setContactFields", Tag: tag, Scope: write, Summary: "Define the custom fields", Doc: "A field that is not defined may hold any JSON. What contacts have already stays as it is."},
			func(ctx context.Context, c tenant.Caller, in contactFieldsRequest) ([]contactFieldBody, error) {
				got, err := ops.SetContactFields(ctx, c, each(in.Fields, func(f contactFieldBody) contact.Field {
					return contact.Field{Name: f.Name, Type: contact.FieldType(f.Type), Options: f.Options}
				}))
				return each(got, toField), err
			}),
	}, slices.Concat(identityRoutes(ops), erasureRoutes(ops), transferRoutes(ops))...)
}

func contactDetail(ctx context.Context, ops *operation.Operations, c tenant.Caller, name string) (contactDetailResponse, error) {
	got, err := ops.ContactCalled(ctx, c, name)
	if err != nil {
		return contactDetailResponse{}, err
	}
	consents, err := ops.Consents(ctx, c, got.ID)
	return contactDetailResponse{toContact(got), toConsents(consents)}, err
}
