package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"frontdesk/gateway/provider"
	"frontdesk/gateway/provider/whatsapp"
	"frontdesk/gateway/template"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// templates is what operations need of *template.Store.
type templates interface {
	Template(ctx context.Context, tenant ingest.TenantID, id string) (template.Template, error)
	Check(ctx context.Context, tenant ingest.TenantID, k template.Key, components json.RawMessage) (template.Template, error)
	Templates(ctx context.Context, tenant ingest.TenantID, f template.Filter) ([]template.Template, string, error)
	Create(ctx context.Context, tenant ingest.TenantID, t template.Template) (template.Template, error)
	Submitted(ctx context.Context, tenant ingest.TenantID, id, providerID, status, category string) (template.Template, error)
	Fetched(ctx context.Context, tenant ingest.TenantID, account string, list []template.Template) error
	Delete(ctx context.Context, tenant ingest.TenantID, id string) error
}

// meta is what operations need of *whatsapp.Sender besides sending.
type meta interface {
	CreateTemplate(ctx context.Context, ch provider.Channel, t whatsapp.Template) (whatsapp.Template, error)
	DeleteTemplate(ctx context.Context, ch provider.Channel, t whatsapp.Template) error
	Templates(ctx context.Context, ch provider.Channel) ([]whatsapp.Template, error)
	Number(ctx context.Context, ch provider.Channel) (whatsapp.Number, error)
}

// TemplateError is a message that cannot be sent as its template stands. Code is
// template_mismatch or template_not_approved.
type TemplateError struct{ Code, Field, Message string }

func (e *TemplateError) Error() string { return e.Code + ": " + e.Field + " " + e.Message }

// ProviderError is a provider's refusal, or its silence, to what was asked of it
// on a caller's behalf.
type ProviderError struct{ Err *provider.SendError }

func (e *ProviderError) Error() string { return "provider: " + e.Err.Error() }

func (e *ProviderError) Unwrap() error { return e.Err }

func providerError(err error) error {
	if err == nil {
		return nil
	}
	return &ProviderError{provider.AsSendError(err)}
}

// Template returns a template.
func (o *Operations) Template(ctx context.Context, caller tenant.Caller, id string) (template.Template, error) {
	return o.p.Templates.Template(ctx, caller.Tenant, id)
}

// Templates lists templates, newest first. channel, a name or id, may be empty.
func (o *Operations) Templates(ctx context.Context, caller tenant.Caller, channel string, f template.Filter) (Page[template.Template], error) {
	if channel != "" {
		ch, err := o.templateChannel(ctx, caller, channel)
		if err != nil {
			return Page[template.Template]{}, err
		}
		f.Account = ch.Account
	}
	items, next, err := o.p.Templates.Templates(ctx, caller.Tenant, f)
	return Page[template.Template]{items, next}, err
}

// templateChannel returns the WhatsApp channel of a name or id; without one the
// first that the business has.
func (o *Operations) templateChannel(ctx context.Context, caller tenant.Caller, want string) (provider.Channel, error) {
	all, err := o.p.Directory.Channels(ctx, caller.Tenant)
	if err != nil {
		return provider.Channel{}, err
	}
	if want != "" {
		ch, err := named(all, want)
		if err == nil && ch.Type != provider.WhatsApp {
			err = &InvalidError{"channel", "is no WhatsApp channel; Twilio's templates are made in its console"}
		}
		return ch, err
	}
	for _, ch := range all {
		if ch.Type == provider.WhatsApp {
			return ch, nil
		}
	}
	return provider.Channel{}, &InvalidError{"channel", "the business has no WhatsApp channel"}
}

// sandboxed reports whether what a caller does on a channel stays here.
func (o *Operations) sandboxed(ctx context.Context, caller tenant.Caller, ch provider.Channel) (bool, error) {
	simulated, err := o.p.Directory.Simulated(ctx, caller.Tenant, ch.ID)
	return caller.Test() || simulated, err
}

// CreateTemplate has the provider judge a new template, or, in the sandbox,
// approves it at once. It is template.ErrExists, *InvalidError for its form, or
// *ProviderError.
func (o *Operations) CreateTemplate(ctx context.Context, caller tenant.Caller, channel string, t template.Template) (template.Template, error) {
	ch, err := o.templateChannel(ctx, caller, channel)
	if err != nil {
		return t, err
	}
	var wrong *template.Mismatch
	if errors.As(template.Valid(t), &wrong) {
		return t, &InvalidError{wrong.Field, wrong.Message}
	}
	t.Account, t.Status = ch.Account, template.Pending
	if t.Test, err = o.sandboxed(ctx, caller, ch); err != nil {
		return t, err
	}
	if t.Test {
		t.Status = template.Approved
		return o.p.Templates.Create(ctx, caller.Tenant, t)
	}
	kept, err := o.p.Templates.Create(ctx, caller.Tenant, t)
	if err != nil {
		return t, err
	}
	made, err := o.p.Meta.CreateTemplate(ctx, ch, whatsapp.Template{
		Name: t.Name, Language: t.Language, Category: t.Category, ParameterFormat: t.ParameterFormat, Components: t.Components,
	})
	if err == nil {
		return o.p.Templates.Submitted(ctx, caller.Tenant, kept.ID, made.ID, made.Status, made.Category)
	}
	if provider.AsSendError(err).Reason == provider.Ambiguous {
		return kept, nil // it may be there: its notices, or the next sync, tell
	}
	return t, errors.Join(providerError(err), o.p.Templates.Delete(context.WithoutCancel(ctx), caller.Tenant, kept.ID))
}

// DeleteTemplate removes a template, at the provider too.
func (o *Operations) DeleteTemplate(ctx context.Context, caller tenant.Caller, id string) error {
	t, err := o.p.Templates.Template(ctx, caller.Tenant, id)
	if err != nil {
		return err
	}
	if caller.Test() && !t.Test {
		return &ConflictError{"live_template", "this template is the provider's; a test key cannot delete it"}
	}
	if !t.Test {
		ch, err := o.channelOfAccount(ctx, caller, t.Account)
		if err != nil {
			return err
		}
		if err := o.deleteAtMeta(ctx, ch, t); err != nil {
			return providerError(err)
		}
	}
	return o.p.Templates.Delete(ctx, caller.Tenant, id)
}

// deleteAtMeta removes t from ch's account, by its id: by its name all of its
// languages would go. Where its creation was not answered the id is looked up.
func (o *Operations) deleteAtMeta(ctx context.Context, ch provider.Channel, t template.Template) error {
	if t.ProviderID == "" {
		list, err := o.p.Meta.Templates(ctx, ch)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(of whatsapp.Template) bool { return of.Name == t.Name && of.Language == t.Language })
		if at < 0 {
			return nil
		}
		t.ProviderID = list[at].ID
	}
	return o.p.Meta.DeleteTemplate(ctx, ch, whatsapp.Template{ID: t.ProviderID, Name: t.Name})
}

func (o *Operations) channelOfAccount(ctx context.Context, caller tenant.Caller, account string) (provider.Channel, error) {
	all, err := o.p.Directory.Channels(ctx, caller.Tenant)
	for _, ch := range all {
		if ch.Type == provider.WhatsApp && ch.Account == account {
			return ch, nil
		}
	}
	if err == nil {
		err = &ConflictError{"channel_missing", "the business has no channel on the account of this template any more"}
	}
	return provider.Channel{}, err
}

// SyncTemplates fetches the templates of a channel's account from the provider
// and returns how many it has. In the sandbox there is nothing to fetch.
func (o *Operations) SyncTemplates(ctx context.Context, caller tenant.Caller, channel string) (int, error) {
	ch, err := o.templateChannel(ctx, caller, channel)
	if err != nil {
		return 0, err
	}
	if test, err := o.sandboxed(ctx, caller, ch); test || err != nil {
		return 0, err
	}
	list, err := o.p.Meta.Templates(ctx, ch)
	if err != nil {
		return 0, providerError(err)
	}
	kept := make([]template.Template, len(list))
	for i, t := range list {
		kept[i] = template.Template{
			Name: t.Name, Language: t.Language, Category: t.Category, Status: t.Status, Quality: t.Quality, Reason: t.Reason,
			ParameterFormat: t.ParameterFormat, Components: t.Components, ProviderID: t.ID,
		}
	}
	return len(kept), o.p.Templates.Fetched(ctx, caller.Tenant, ch.Account, kept)
}

// fitTemplate reports, as a *TemplateError, a message that does not fill its
// template or whose template is not approved.
func (o *Operations) fitTemplate(ctx context.Context, caller tenant.Caller, a *aimed) error {
	want := a.draft.Content.Template
	if want == nil || a.channel.Type != provider.WhatsApp {
		return nil
	}
	key := template.Key{Account: a.channel.Account, Test: a.draft.Test, Name: want.Name, Language: want.Language}
	t, err := o.p.Templates.Check(ctx, caller.Tenant, key, want.Components)
	var wrong *template.Mismatch
	switch {
	case errors.Is(err, template.ErrNotApproved):
		return &TemplateError{"template_not_approved", "template.name", fmt.Sprintf("the template is %s", t.Status)}
	case errors.As(err, &wrong):
		return &TemplateError{"template_mismatch", "template.components" + wrong.Field, wrong.Message}
	case err != nil:
		return err
	}
	if want.Category == "" && t.Category != "" {
		filled := *want
		filled.Category = t.Category
		a.draft.Content.Template = &filled
	}
	return nil
}
