package operation

import (
	"context"
	"errors"
	"fmt"
	"io"

	"frontdesk/agent/contact"
	"frontdesk/gateway/tenant"
	"frontdesk/ingest"
)

// transfers is what operations need of *contact.Store to read in and write out.
type transfers interface {
	BeginImport(ctx context.Context, tenant ingest.TenantID, u contact.Upload) (contact.Import, error)
	AddPart(ctx context.Context, tenant ingest.TenantID, id string, offset int64, text []byte, more bool) (contact.Import, error)
	Import(ctx context.Context, tenant ingest.TenantID, id string) (contact.Import, []contact.RowError, error)
	Imports(ctx context.Context, tenant ingest.TenantID, limit int, after string) ([]contact.Import, string, error)
	Export(ctx context.Context, tenant ingest.TenantID, f contact.Filter, format contact.ExportFormat) io.Reader
}

// ImportContacts begins an import of a table.
func (o *Operations) ImportContacts(ctx context.Context, caller tenant.Caller, u contact.Upload) (contact.Import, error) {
	u.By, u.Home = caller.KeyID, caller.Business.Phone
	i, err := o.p.Contacts.BeginImport(ctx, caller.Tenant, u)
	return i, told(err)
}

// AddImportPart adds a part to an import; *ConflictError says where it must
// begin.
func (o *Operations) AddImportPart(ctx context.Context, caller tenant.Caller, id string, offset int64, text []byte, more bool) (contact.Import, error) {
	i, err := o.p.Contacts.AddPart(ctx, caller.Tenant, id, offset, text, more)
	var wrong *contact.OffsetError
	switch {
	case errors.As(err, &wrong):
		err = &ConflictError{"wrong_offset", fmt.Sprintf("the table has %d bytes so far; send what follows them", wrong.Bytes)}
	case errors.Is(err, contact.ErrNotUploading):
		err = &ConflictError{"import_complete", "the import has all of its parts"}
	case errors.Is(err, contact.ErrTooLarge):
		err = &InvalidError{"csv", fmt.Sprintf("makes the table longer than %d bytes; begin another import", contact.MaxImportBytes)}
	case errors.Is(err, contact.ErrNoImport):
		err = ErrNotFound
	}
	return i, err
}

// Import returns an import and the first errors of its rows.
func (o *Operations) Import(ctx context.Context, caller tenant.Caller, id string) (contact.Import, []contact.RowError, error) {
	i, list, err := o.p.Contacts.Import(ctx, caller.Tenant, id)
	if errors.Is(err, contact.ErrNoImport) {
		err = ErrNotFound
	}
	return i, list, err
}

// Imports lists imports, newest first.
func (o *Operations) Imports(ctx context.Context, caller tenant.Caller, limit int, after string) (Page[contact.Import], error) {
	items, next, err := o.p.Contacts.Imports(ctx, caller.Tenant, limit, after)
	return Page[contact.Import]{items, next}, err
}

// ExportContacts returns the contacts that f asks for as text.
func (o *Operations) ExportContacts(ctx context.Context, caller tenant.Caller, f contact.Filter, format contact.ExportFormat) (io.Reader, error) {
	if f.Channel != "" {
		if _, err := o.p.Directory.Channel(ctx, caller.Tenant, f.Channel); err != nil {
			return nil, err
		}
	}
	if f.After != "" {
		if _, err := o.Contact(ctx, caller, ingest.ContactID(f.After)); err != nil {
			return nil, err
		}
	}
	if phone, err := Phone(f.Identifier, caller.Business.Phone); err == nil {
		f.Identifier = phone
	}
	return o.p.Contacts.Export(ctx, caller.Tenant, f, format), nil
}
