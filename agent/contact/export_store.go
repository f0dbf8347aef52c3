package contact

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"frontdesk/ingest"
)

// ExportFormat is how contacts are written.
type ExportFormat string

// Formats of an export.
const (
	CSV   ExportFormat = "csv"
	Lines ExportFormat = "jsonl"
)

// exportPage is how many contacts an export reads at once.
const exportPage = 1000

// Export returns the contacts that f asks for as text, oldest first, read from
// the database as it is read from. Custom fields are one column, as JSON. f.After
// is the id of the last contact that came before: an export that broke off goes
// on after the last whole line. A cell that a spreadsheet could take for a
// formula begins with an apostrophe, which an import takes away.
func (s *Store) Export(ctx context.Context, tenant ingest.TenantID, f Filter, format ExportFormat) io.Reader {
	f.Sort = Oldest
	e := &export{}
	first := true
	e.next = func() ([]byte, error) {
		var buf bytes.Buffer
		if first && format == CSV {
			if err := writeCSV(&buf, exportHeader); err != nil {
				return nil, err
			}
		}
		first = false
		list, err := s.listed(ctx, tenant, f, exportPage)
		if err != nil {
			return nil, fmt.Errorf("export contacts: %w", err)
		}
		for _, c := range list {
			if err := writeContact(&buf, c, format); err != nil {
				return nil, err
			}
			f.After = string(c.ID)
		}
		if len(list) < exportPage {
			e.next = nil
		}
		return buf.Bytes(), nil
	}
	return e
}

// export is read page by page.
type export struct {
	next func() ([]byte, error) // nil: there is no more
	left []byte
}

// Read returns what is left of a page, or of the next one.
func (e *export) Read(p []byte) (int, error) {
	for len(e.left) == 0 {
		if e.next == nil {
			return 0, io.EOF
		}
		page, err := e.next()
		if err != nil {
			return 0, err
		}
		e.left = page
	}
	n := copy(p, e.left)
	e.left = e.left[n:]
	return n, nil
}

var exportHeader = []string{"id", "number", "name", "phone", "email", "language", "segment", "stage", "source", "tags", "notes", "created_at", "last_seen_at", "fields"}

// exported is a line of an export.
type exported struct {
	ID          ingest.ContactID           `json:"id"`
	Number      int64                      `json:"number"`
	Name        string                     `json:"name"`
	Phone       string                     `json:"phone"`
	Email       string                     `json:"email"`
	Language    string                     `json:"language"`
	Segment     Segment                    `json:"segment"`
	Stage       string                     `json:"stage"`
	Source      string                     `json:"source"`
	Tags        []string                   `json:"tags"`
	Notes       string                     `json:"notes"`
	Identifiers []ingest.Identifier        `json:"identifiers"`
	CreatedAt   time.Time                  `json:"created_at"`
	LastSeenAt  time.Time                  `json:"last_seen_at,omitzero"`
	Fields      map[string]json.RawMessage `json:"fields"`
}

func writeContact(w *bytes.Buffer, c Contact, format ExportFormat) error {
	line := exported{
		ID: c.ID, Number: c.Number, Name: c.Name, Email: c.Email, Language: c.Language, Segment: c.Segment, Stage: c.Stage, Source: c.Source,
		Tags: c.Tags, Notes: c.Notes, Identifiers: c.Identifiers, CreatedAt: c.CreatedAt.UTC(), LastSeenAt: c.LastSeenAt.UTC(), Fields: c.Fields,
	}
	party := ingest.Party{Identifiers: c.Identifiers}
	line.Phone = party.Identifier(ingest.Phone)
	if line.Email == "" {
		line.Email = party.Identifier(ingest.Email)
	}
	if format == Lines {
		return json.NewEncoder(w).Encode(line)
	}
	fields, err := json.Marshal(c.Fields)
	if err != nil {
		return err
	}
	seen := ""
	if !c.LastSeenAt.IsZero() {
		seen = line.LastSeenAt.Format(time.RFC3339)
	}
	cells := []string{
		string(c.ID), strconv.FormatInt(c.Number, 10), c.Name, line.Phone, line.Email, c.Language, string(c.Segment), c.Stage, c.Source,
		strings.Join(c.Tags, ";"), c.Notes, line.CreatedAt.Format(time.RFC3339), seen, string(fields),
	}
	for i := range cells {
		cells[i] = arm(cells[i])
	}
	return writeCSV(w, cells)
}

func writeCSV(w io.Writer, cells []string) error {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(cells); err != nil {
		return err
	}
	c.Flush()
	return c.Error()
}
