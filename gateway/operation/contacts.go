package operation

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"frontdesk/agent/contact"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// roll is what operations on contacts need of *contact.Store besides.
type roll interface {
	Count(ctx context.Context, tenant ingest.TenantID, f contact.Filter) (int, error)
	Create(ctx context.Context, tenant ingest.TenantID, d contact.Draft) (contact.Contact, error)
	Update(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, change contact.Patch) (contact.Contact, error)
	Identify(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, ident ingest.Identifier) (contact.Contact, error)
	Merge(ctx context.Context, tenant ingest.TenantID, survivor, merged ingest.ContactID, by string) (contact.Contact, error)
	Unmerge(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID, by string) (contact.Contact, error)
	History(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) ([]contact.Change, error)
	Fields(ctx context.Context, tenant ingest.TenantID) ([]contact.Field, error)
	SetFields(ctx context.Context, tenant ingest.TenantID, list []contact.Field) error
	Preferences(ctx context.Context, tenant ingest.TenantID, id ingest.ContactID) ([]contact.Preference, error)
	SetPreference(ctx context.Context, tenant ingest.TenantID, p ingest.Preference) error
}

// Contact returns a contact.
func (o *Operations) Contact(ctx context.Context, caller tenant.Caller, id ingest.ContactID) (contact.Contact, error) {
	return o.p.Contacts.Contact(ctx, caller.Tenant, id)
}

// ContactCalled returns a contact by its id or, if name is digits, its number.
func (o *Operations) ContactCalled(ctx context.Context, caller tenant.Caller, name string) (contact.Contact, error) {
	if n, err := strconv.ParseInt(name, 10, 64); err == nil && n > 0 {
		return o.p.Contacts.Numbered(ctx, caller.Tenant, n)
	}
	return o.p.Contacts.Contact(ctx, caller.Tenant, ingest.ContactID(name))
}

// Contacts lists contacts. A phone number in f.Identifier may be written as
// people do.
func (o *Operations) Contacts(ctx context.Context, caller tenant.Caller, f contact.Filter) (Page[contact.Contact], error) {
	if f.Channel != "" {
		if _, err := o.p.Directory.Channel(ctx, caller.Tenant, f.Channel); err != nil {
			return Page[contact.Contact]{}, err
		}
	}
	items, next, err := o.p.Contacts.Contacts(ctx, caller.Tenant, called(caller, f))
	return Page[contact.Contact]{items, next}, err
}

// NewContact is a contact to be made. One of Phone, Identifiers, Email and Name
// must be there.
type NewContact struct {
	contact.Profile
	Phone       string // as people write it
	Identifiers []ingest.Identifier
	RequestKey  string // the same again is the same contact
}

// CreateContact makes a contact, or is *ConflictError where a number is
// somebody's already.
func (o *Operations) CreateContact(ctx context.Context, caller tenant.Caller, in NewContact) (contact.Contact, error) {
	d := contact.Draft{Profile: in.Profile, RequestKey: in.RequestKey}
	for _, ident := range in.Identifiers {
		ident, err := identifier(caller, ident)
		if err != nil {
			return contact.Contact{}, err
		}
		d.Identifiers = append(d.Identifiers, ident)
	}
	if in.Phone != "" {
		ident, err := identifier(caller, ingest.Identifier{Kind: ingest.Phone, Value: in.Phone})
		if err != nil {
			return contact.Contact{}, err
		}
		d.Identifiers = append(d.Identifiers, ident)
	}
	if len(d.Identifiers) == 0 && strings.TrimSpace(in.Name) == "" && in.Email == "" {
		return contact.Contact{}, &InvalidError{"phone", "is missing; give phone, identifiers, email or name"}
	}
	if d.Source == "" {
		d.Source = "api"
	}
	c, err := o.p.Contacts.Create(ctx, caller.Tenant, d)
	return c, told(err)
}

// identifier returns what was given as it is stored.
func identifier(caller tenant.Caller, ident ingest.Identifier) (ingest.Identifier, error) {
	ident.Value = strings.TrimSpace(ident.Value)
	switch ident.Kind {
	case ingest.Phone:
		phone, err := Phone(ident.Value, caller.Business.Phone)
		if err != nil {
			return ident, &InvalidError{"phone", "a phone number in international form is expected, such as +5012279446"}
		}
		ident.Value = phone
	case ingest.Email:
		ident.Value = strings.ToLower(ident.Value)
	}
	if ident.Value == "" || len(ident.Value) > 254 || strings.ContainsRune(ident.Value, 0) {
		return ident, &InvalidError{"identifiers", "each has a value of up to 254 characters"}
	}
	return ident, nil
}

// told turns what the store refuses into what a caller is told.
func told(err error) error {
	var invalid *contact.InvalidError
	var taken *contact.TakenError
	switch {
	case errors.As(err, &invalid):
		return &InvalidError{invalid.Field, invalid.Message}
	case errors.As(err, &taken):
		return &ConflictError{"identifier_taken", "this " + string(taken.Kind) + " is that of contact " + string(taken.By) + "; change or merge that one"}
	case errors.Is(err, contact.ErrSame):
		return &ConflictError{"same_contact", "the two are one contact already"}
	case errors.Is(err, contact.ErrNotMerged):
		return &ConflictError{"not_merged", "the contact is not merged into another"}
	}
	return err
}

// UpdateContact changes what the business keeps of a contact.
func (o *Operations) UpdateContact(ctx context.Context, caller tenant.Caller, id ingest.ContactID, change contact.Patch) (contact.Contact, error) {
	c, err := o.p.Contacts.Update(ctx, caller.Tenant, id, change)
	return c, told(err)
}

// IdentifyContact adds a number or another identifier to a contact.
func (o *Operations) IdentifyContact(ctx context.Context, caller tenant.Caller, id ingest.ContactID, ident ingest.Identifier) (contact.Contact, error) {
	ident, err := identifier(caller, ident)
	if err != nil {
		return contact.Contact{}, err
	}
	c, err := o.p.Contacts.Identify(ctx, caller.Tenant, id, ident)
	return c, told(err)
}

// MergeContacts makes merged one with survivor; see contact.Store.Merge.
func (o *Operations) MergeContacts(ctx context.Context, caller tenant.Caller, survivor, merged ingest.ContactID) (contact.Contact, error) {
	c, err := o.p.Contacts.Merge(ctx, caller.Tenant, survivor, merged, caller.KeyID)
	return c, told(err)
}

// UnmergeContact takes a merged contact out again.
func (o *Operations) UnmergeContact(ctx context.Context, caller tenant.Caller, id ingest.ContactID) (contact.Contact, error) {
	c, err := o.p.Contacts.Unmerge(ctx, caller.Tenant, id, caller.KeyID)
	return c, told(err)
}

// ContactHistory returns what was done to a contact's identity.
func (o *Operations) ContactHistory(ctx context.Context, caller tenant.Caller, id ingest.ContactID) ([]contact.Change, error) {
	if _, err := o.Contact(ctx, caller, id); err != nil {
		return nil, err
	}
	return o.p.Contacts.History(ctx, caller.Tenant, id)
}

// ContactFields returns the definitions of custom fields.
func (o *Operations) ContactFields(ctx context.Context, caller tenant.Caller) ([]contact.Field, error) {
	return o.p.Contacts.Fields(ctx, caller.Tenant)
}

// SetContactFields replaces the definitions of custom fields.
func (o *Operations) SetContactFields(ctx context.Context, caller tenant.Caller, list []contact.Field) ([]contact.Field, error) {
	if err := told(o.p.Contacts.SetFields(ctx, caller.Tenant, list)); err != nil {
		return nil, err
	}
	return o.p.Contacts.Fields(ctx, caller.Tenant)
}

// Consents returns what a contact allows, by channel and category.
func (o *Operations) Consents(ctx context.Context, caller tenant.Caller, id ingest.ContactID) ([]contact.Preference, error) {
	c, err := o.Contact(ctx, caller, id)
	if err != nil {
		return nil, err
	}
	if c.MergedInto != "" {
		id = c.MergedInto
	}
	return o.p.Contacts.Preferences(ctx, caller.Tenant, id)
}

// Consent is a wish of a contact that the business was told of.
type Consent struct {
	Channel  ingest.ChannelID
	Category string // empty: all
	Allowed  bool
}

// SetConsent records a wish, as of now.
func (o *Operations) SetConsent(ctx context.Context, caller tenant.Caller, id ingest.ContactID, in Consent) ([]contact.Preference, error) {
	if _, err := o.Contact(ctx, caller, id); err != nil {
		return nil, err
	}
	if _, err := o.p.Directory.Channel(ctx, caller.Tenant, in.Channel); err != nil {
		return nil, err
	}
	if in.Category == "" {
		in.Category = contact.CategoryAll
	}
	err := o.p.Contacts.SetPreference(ctx, caller.Tenant, ingest.Preference{
		Tenant: caller.Tenant, Channel: in.Channel, Contact: id, Category: in.Category, Allowed: in.Allowed, Source: "api", At: time.Now().UTC().Truncate(time.Microsecond),
	})
	if err != nil {
		return nil, err
	}
	return o.Consents(ctx, caller, id)
}
