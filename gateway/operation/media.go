package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/gateway/media"
	"frontdesk/gateway/provider"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// files is what operations need of *media.Store.
type files interface {
	Put(ctx context.Context, tenant ingest.TenantID, f media.File, body []byte) (media.File, error)
	File(ctx context.Context, tenant ingest.TenantID, id string) (media.File, error)
	OfMessage(ctx context.Context, tenant ingest.TenantID, m ingest.MessageID, position int) (media.File, error)
	Files(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]media.File, string, error)
	Body(ctx context.Context, tenant ingest.TenantID, id string) ([]byte, error)
	Delete(ctx context.Context, tenant ingest.TenantID, id string) error
}

// fetcher is what operations need of *media.Fetcher.
type fetcher interface {
	Fetch(ctx context.Context, ch provider.Channel, sandbox bool, m ingest.Media) ([]byte, error)
}

// mediaLinks is what operations need of *media.Links.
type mediaLinks interface {
	Link(tenant ingest.TenantID, id string, until time.Time) string
	Valid(tenant ingest.TenantID, id, until, tag string, now time.Time) bool
}

// UploadMedia keeps a file to be sent. It is media.ErrUnsupported or
// media.ErrTooLarge for one that no provider takes, media.ErrQuota for one that
// the business has no room for.
func (o *Operations) UploadMedia(ctx context.Context, caller tenant.Caller, filename string, body []byte) (media.File, error) {
	f, err := media.New(filename, body)
	if err != nil {
		return f, err
	}
	f.Test = caller.Test()
	return o.p.Media.Put(ctx, caller.Tenant, f, body)
}

// Media returns what is known of a file.
func (o *Operations) Media(ctx context.Context, caller tenant.Caller, id string) (media.File, error) {
	return o.p.Media.File(ctx, caller.Tenant, id)
}

// MediaList lists files, newest first.
func (o *Operations) MediaList(ctx context.Context, caller tenant.Caller, limit int, after string) (Page[media.File], error) {
	items, next, err := o.p.Media.Files(ctx, caller.Tenant, limit, after)
	return Page[media.File]{items, next}, err
}

// MediaContent returns a file with its bytes.
func (o *Operations) MediaContent(ctx context.Context, caller tenant.Caller, id string) (media.File, []byte, error) {
	return o.content(ctx, caller.Tenant, id)
}

func (o *Operations) content(ctx context.Context, t ingest.TenantID, id string) (media.File, []byte, error) {
	f, err := o.p.Media.File(ctx, t, id)
	if err != nil {
		return f, nil, err
	}
	body, err := o.p.Media.Body(ctx, t, id)
	return f, body, err
}

// LinkedMedia returns a file by the parts of an address that was given out; a
// wrong one, and one that has ended, is media.ErrNotFound.
func (o *Operations) LinkedMedia(ctx context.Context, t ingest.TenantID, id, until, tag string) (media.File, []byte, error) {
	if !o.p.MediaLinks.Valid(t, id, until, tag, time.Now()) {
		return media.File{}, nil, media.ErrNotFound
	}
	return o.content(ctx, t, id)
}

// DeleteMedia removes a file. Addresses of it end at once.
func (o *Operations) DeleteMedia(ctx context.Context, caller tenant.Caller, id string) error {
	return o.p.Media.Delete(ctx, caller.Tenant, id)
}

// MessageMedia returns a file of a message, fetched from the provider if that has
// not been done. It is media.ErrGone if the provider has it no more.
func (o *Operations) MessageMedia(ctx context.Context, caller tenant.Caller, id ingest.MessageID, position int) (media.File, []byte, error) {
	m, err := o.Message(ctx, caller, id)
	if err != nil {
		return media.File{}, nil, err
	}
	if position < 0 || position >= len(m.Content.Media) || m.Direction != ingest.Inbound {
		return media.File{}, nil, fmt.Errorf("file %d of %s: %w", position, id, media.ErrNotFound)
	}
	f, err := o.p.Media.OfMessage(ctx, caller.Tenant, id, position)
	if err == nil {
		body, err := o.p.Media.Body(ctx, caller.Tenant, f.ID)
		return f, body, err
	}
	if !errors.Is(err, media.ErrNotFound) {
		return f, nil, err
	}
	ch, err := o.p.Directory.Channel(ctx, caller.Tenant, m.Channel)
	if err != nil {
		return f, nil, err
	}
	sandbox, err := o.p.Directory.Simulated(ctx, caller.Tenant, m.Channel)
	if err != nil {
		return f, nil, err
	}
	body, err := o.p.Fetch.Fetch(ctx, ch, sandbox || m.Test, m.Content.Media[position])
	if err != nil {
		return f, nil, fetchError(err)
	}
	if f, err = media.Received(m.Content.Media[position].Filename, body); err != nil {
		return f, nil, err
	}
	f.Message, f.Position, f.Test = id, position, m.Test
	kept, err := o.p.Media.Put(ctx, caller.Tenant, f, body)
	if errors.Is(err, media.ErrQuota) {
		return f, body, nil // to be fetched again as long as the provider has it
	}
	return kept, body, err
}

// fetchError tells a provider that is away from one that has nothing.
func fetchError(err error) error {
	if errors.Is(err, media.ErrGone) || errors.Is(err, media.ErrTooLarge) {
		return err
	}
	return &ProviderError{&provider.SendError{Reason: provider.Unreachable, Err: err}}
}

// linkFor is how long a provider may take to fetch a file that is sent.
const linkFor = 7 * 24 * time.Hour

// uploaded reports whether a file to be sent is one that was uploaded here.
func uploaded(m ingest.Media) bool { return strings.HasPrefix(m.ID, media.Prefix) }

// linkMedia gives uploaded files the addresses at which providers fetch them.
func (o *Operations) linkMedia(ctx context.Context, caller tenant.Caller, a *aimed) error {
	given := a.draft.Content.Media
	linked := make([]ingest.Media, len(given))
	for i, m := range given {
		if linked[i] = m; !uploaded(m) {
			continue
		}
		f, err := o.p.Media.File(ctx, caller.Tenant, m.ID)
		if err != nil {
			return err
		}
		field := fmt.Sprintf("media[%d].id", i)
		switch err := f.Sendable(a.draft.Content.Type, onWhatsApp(a.channel)); {
		case errors.Is(err, media.ErrTooLarge):
			return &InvalidError{field, "is larger than this channel takes"}
		case err != nil:
			return &InvalidError{field, fmt.Sprintf("is %s, which cannot be sent as %s", f.MIME, a.draft.Content.Type)}
		}
		linked[i].ID, linked[i].URL, linked[i].MIME = "", o.p.MediaLinks.Link(caller.Tenant, f.ID, time.Now().Add(linkFor)), f.MIME
		if m.Filename == "" {
			linked[i].Filename = f.Filename
		}
	}
	if len(given) > 0 {
		a.draft.Content.Media = linked
	}
	return nil
}
