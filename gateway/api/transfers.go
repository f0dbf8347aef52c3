package api

import (
	"cmp"
	"context"
	"io"
	"mime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/valyala/fasthttp"

	"frontdesk/agent/contact"
	"frontdesk/gateway/edge"
	"frontdesk/gateway/operation"
	"frontdesk/gateway/tenant"
)

// mostPartBytes bounds the body of a part of a table: as JSON it is longer.
const mostPartBytes = 2 * contact.MaxPartBytes

// exportTime bounds an export, and the writing of it.
const exportTime = 5 * time.Minute

// document is an output that is no JSON.
type document struct {
	media string
	body  io.Reader
}

// documentMedia are the media types of documents.
var documentMedia = []string{"text/csv; charset=utf-8", "application/x-ndjson"}

type importResponse struct {
	ID        string         `json:"id" example:"imp_01KA2B3C4D5E6F7G8H9JKMNPQR"`
	Number    int64          `json:"number"`
	Status    string         `json:"status" enum:"uploading,running,done,failed" doc:"failed: it ended early; the rows before stay."`
	DryRun    bool           `json:"dry_run"`
	Columns   []string       `json:"columns" doc:"What each column of the table is; - is passed over."`
	Bytes     int64          `json:"bytes" doc:"Of the table so far: where its next part begins."`
	BytesDone int64          `json:"bytes_done"`
	Rows      int64          `json:"rows" doc:"Read so far."`
	Created   int64          `json:"created"`
	Updated   int64          `json:"updated"`
	Failed    int64          `json:"failed" doc:"Rows that were not taken."`
	Detail    string         `json:"detail,omitempty" doc:"Why it ended early."`
	Errors    []rowErrorBody `json:"errors,omitempty" doc:"The first hundred."`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
	DoneAt    *time.Time     `json:"done_at,omitempty"`
}

type rowErrorBody struct {
	Line    int64  `json:"line" doc:"Of the table; the first is 1."`
	Field   string `json:"field" doc:"Empty: the whole row."`
	Message string `json:"message"`
}

func toImport(i contact.Import) importResponse {
	return importResponse{
		ID: i.ID, Number: i.Number, Status: string(i.Status), DryRun: i.DryRun, Columns: i.Columns, Bytes: i.Bytes, BytesDone: i.BytesDone, Rows: i.Rows,
		Created: i.Created, Updated: i.Updated, Failed: i.Failed, Detail: i.Detail, CreatedAt: i.CreatedAt.UTC(), UpdatedAt: i.UpdatedAt.UTC(), DoneAt: orNil(i.DoneAt),
	}
}

type importRequest struct {
	CSV        string            `json:"csv" required:"true" maxLength:"1048576" doc:"The table (RFC 4180), or its first part, with the names of the columns in the first line." example:"phone,name\n+5016123456,Maria Santos\n"`
	More       bool              `json:"more" doc:"Further parts follow; it is read once all are there."`
	Separator  string            `json:"separator" enum:"comma,semicolon,tab" doc:"comma, if left out."`
	Mapping    map[string]string `json:"mapping" doc:"From names in the first line to name, phone, email, language, segment, stage, source, notes, tags, fields.NAME or -. Usual names are known."`
	DryRun     bool              `json:"dry_run" doc:"Only tell what would be done."`
	RequestKey string            `json:"-" request:"effect"`

	TextSeparator string `json:"-" query:"separator" enum:"comma,semicolon,tab" doc:"Where the body is text/csv."`
	TextMore      bool   `json:"-" query:"more" doc:"Where the body is text/csv: further parts follow."`
	TextDryRun    bool   `json:"-" query:"dry_run" doc:"Where the body is text/csv: only tell what would be done."`
}

func (in *importRequest) table() *string { return &in.CSV }

type importPartRequest struct {
	ID     string `json:"-" path:"id" maxLength:"64"`
	Offset int    `json:"offset" min:"0" max:"67108864" doc:"How many bytes of the table came before."`
	CSV    string `json:"csv" maxLength:"1048576"`
	More   bool   `json:"more" doc:"Further parts follow."`

	TextOffset int  `json:"-" query:"offset" max:"67108864" doc:"Where the body is text/csv: how many bytes of the table came before."`
	TextMore   bool `json:"-" query:"more" doc:"Where the body is text/csv: further parts follow."`
}

func (in *importPartRequest) table() *string { return &in.CSV }

// tabular is an input whose table may be the body itself, as text/csv; what
// else there is to say stands in the query then.
type tabular interface{ table() *string }

// decodeTable fills in the table of a request that is one.
func decodeTable(req *fasthttp.RequestCtx, to *string) error {
	body, err := edge.Body(req)
	if err != nil {
		return err
	}
	if !utf8.Valid(body) {
		return edge.Invalid(edge.FieldError{Field: "csv", Message: "is no UTF-8"})
	}
	*to = string(body)
	return nil
}

// isTable reports whether the body of a request is a table in UTF-8.
func isTable(req *fasthttp.RequestCtx) bool {
	typ, params, err := mime.ParseMediaType(string(req.Request.Header.ContentType()))
	charset := strings.ToLower(params["charset"])
	return err == nil && typ == tableMedia && (charset == "" || charset == "utf-8") && len(req.Request.Header.ContentEncoding()) == 0
}

// tableMedia is the media type of tables.
const tableMedia = "text/csv"

type exportRequest struct {
	contactSearch
	Format string `json:"-" query:"format" enum:"csv,jsonl" doc:"csv, if left out."`
	After  string `json:"-" query:"after" maxLength:"64" doc:"The id in the last whole line of an export that broke off: it goes on after that."`
}

// transferRoutes is contacts by the thousand.
func transferRoutes(ops *operation.Operations) []Route {
	const read, write, tag = "contacts:read", "contacts:write", "Contacts"
	return []Route{
		Bind(Route{Method: "POST", Path: "/v1/contacts/imports", ID: "importContacts", Tag: tag, Scope: write, Class: tenant.Bulk, Status: 202, MaxBodyBytes: mostPartBytes, Timeout: time.Minute,
			Summary: "Import contacts from CSV", Doc: "A row is whom its phone number belongs to, or without one whom its email address does; others are made. An empty cell changes nothing. A table of more than 1 MB comes in parts, of up to 64 MB together. The import goes on by itself, also after a crash, and does no row twice; ask for its progress. The table may be the body itself, as text/csv; a mapping of its columns needs JSON."},
			func(ctx context.Context, c tenant.Caller, in importRequest) (importResponse, error) {
				separator := map[string]rune{"semicolon": ';', "tab": '\t'}[cmp.Or(in.Separator, in.TextSeparator)]
				got, err := ops.ImportContacts(ctx, c, contact.Upload{Text: []byte(in.CSV), More: in.More || in.TextMore, Separator: separator, Mapping: in.Mapping, DryRun: in.DryRun || in.TextDryRun, RequestKey: in.RequestKey})
				return toImport(got), err
			}),
		BindList(Route{Method: "GET", Path: "/v1/contacts/imports", ID: "listImports", Tag: tag, Scope: read, Summary: "List imports, newest first"},
			func(ctx context.Context, c tenant.Caller, in struct{ paging }) (page[importResponse], error) {
				p, err := ops.Imports(ctx, c, in.Limit, in.Cursor)
				return pageOf(p, toImport), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/contacts/imports/{id}", ID: "getImport", Tag: tag, Scope: read, Summary: "Ask how far an import is", Doc: "With the first errors, by line and field."},
			func(ctx context.Context, c tenant.Caller, in byID) (importResponse, error) {
				got, wrong, err := ops.Import(ctx, c, in.ID)
				out := toImport(got)
				for _, e := range wrong {
					out.Errors = append(out.Errors, rowErrorBody(e))
				}
				return out, err
			}),
		Bind(Route{Method: "PUT", Path: "/v1/contacts/imports/{id}/parts", ID: "addImportPart", Tag: tag, Scope: write, MaxBodyBytes: mostPartBytes, Timeout: time.Minute, Faults: []string{"wrong_offset", "import_complete"},
			Summary: "Add a part to an import", Doc: "It begins where the table ends so far, in the middle of a row as well. Without more it is the last one."},
			func(ctx context.Context, c tenant.Caller, in importPartRequest) (importResponse, error) {
				got, err := ops.AddImportPart(ctx, c, in.ID, int64(max(in.Offset, in.TextOffset)), []byte(in.CSV), in.More || in.TextMore)
				return toImport(got), err
			}),
		Bind(Route{Method: "GET", Path: "/v1/contacts/export", ID: "exportContacts", Tag: tag, Scope: read, Class: tenant.Bulk, Timeout: exportTime, Summary: "Export contacts",
			Doc: "As CSV or as lines of JSON, oldest first, streamed. An answer that breaks off goes on with after. A cell that a spreadsheet could take for a formula begins with an apostrophe, which an import takes away."},
			func(ctx context.Context, c tenant.Caller, in exportRequest) (document, error) {
				return export(ctx, ops, c, in)
			}),
	}
}

func export(ctx context.Context, ops *operation.Operations, c tenant.Caller, in exportRequest) (document, error) {
	f := in.filter()
	f.After = in.After
	format, media := contact.CSV, documentMedia[0]
	if in.Format == "jsonl" {
		format, media = contact.Lines, documentMedia[1]
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), exportTime) // it is read after the route has returned
	body, err := ops.ExportContacts(ctx, c, f, format)
	if err != nil {
		cancel()
		return document{}, err
	}
	return document{media, ended{body, cancel}}, nil
}

// ended is a body that ends something when it is closed.
type ended struct {
	io.Reader
	end func()
}

func (e ended) Close() error {
	e.end()
	return nil
}
