package contact

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/ingest"
)

// Columns of a table of contacts, besides fields.NAME for custom fields and -
// for one that is passed over.
var Columns = []string{"name", "phone", "email", "language", "segment", "stage", "source", "notes", "tags"}

// skipped is the target of a column that is passed over.
const skipped = "-"

// aliases are what programs call these columns.
var aliases = map[string]string{
	"full name": "name", "contact": "name", "customer": "name", "display name": "name", "phone number": "phone", "mobile": "phone", "mobile phone": "phone", "telephone": "phone",
	"tel": "phone", "whatsapp": "phone", "email": "email", "e mail": "email", "email address": "email", "e mail address": "email", "lang": "language", "pipeline stage": "stage",
	"note": "notes", "comment": "notes", "comments": "notes", "tag": "tags", "labels": "tags",
	// What an export has and an import has no use for.
	"fields": skipped, "id": skipped, "number": skipped, "username": skipped, "created at": skipped, "updated at": skipped, "last seen at": skipped,
}

const bom = "\ufeff"

// ReadHeader returns what each column of a table is, by its first line and the
// names in mapping, and where its rows begin. A column that nobody knows, one
// that stands twice, and a table without phone and email are *[InvalidError].
func ReadHeader(text []byte, separator rune, mapping map[string]string) (columns []string, starts int64, err error) {
	lead := int64(0)
	if bytes.HasPrefix(text, []byte(bom)) {
		text, lead = text[len(bom):], int64(len(bom))
	}
	r := reader(text, separator)
	header, err := r.Read()
	if err != nil || !bytes.ContainsAny(text[:r.InputOffset()], "\n\r") && int64(len(text)) != r.InputOffset() {
		return nil, 0, &InvalidError{"csv", "does not begin with a line that names the columns"}
	}
	for name := range mapping {
		if !slices.Contains(header, name) {
			return nil, 0, &InvalidError{"mapping", "names a column that the first line does not have"}
		}
	}
	for i, name := range header {
		column, err := columnOf(name, mapping)
		if err == nil && column != skipped && slices.Contains(columns, column) {
			err = &InvalidError{"csv", fmt.Sprintf("column %d is %s like one before it", i+1, column)}
		}
		if err != nil {
			return nil, 0, err
		}
		columns = append(columns, column)
	}
	if len(columns) > 200 || !slices.Contains(columns, "phone") && !slices.Contains(columns, "email") {
		return nil, 0, &InvalidError{"csv", "has no column phone or email, by which contacts are known, or more than 200 columns"}
	}
	return columns, lead + r.InputOffset(), nil
}

func columnOf(name string, mapping map[string]string) (string, error) {
	column, mapped := mapping[name]
	if !mapped {
		column = strings.TrimSpace(name)
		plain := strings.ToLower(strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " "))
		if slices.Contains(Columns, plain) {
			column = plain
		} else if alias, ok := aliases[plain]; ok {
			column = alias
		}
	}
	field, custom := strings.CutPrefix(column, "fields.")
	if column == skipped || slices.Contains(Columns, column) || custom && fieldName(field) {
		return column, nil
	}
	if mapped {
		return "", &InvalidError{"mapping", "maps to what is none of " + strings.Join(Columns, ", ") + ", fields.NAME and -"}
	}
	return "", &InvalidError{"csv", fmt.Sprintf("has a column %.64q that is not known; map it to one of %s, fields.NAME or -", name, strings.Join(Columns, ", "))}
}

func reader(text []byte, separator rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = separator, -1, true
	return r
}

// RowError is what is wrong with a row. It never has what stands there.
type RowError struct {
	Line    int64 // of the table; the first is 1
	Field   string
	Message string
}

// tableRow is a row as read.
type tableRow struct {
	line   int64
	phone  ingest.Identifier // zero: none
	patch  Patch
	errors []RowError
}

// format is how the rows of a table are read.
type format struct {
	columns   []string
	separator rune
	fields    map[string]Field
	phone     func(string) (string, error) // E.164 of what people write
}

// window is what was read of a part of a table.
type window struct {
	rows  []tableRow
	bytes int64 // of the part that are done
	lines int64
	stuck bool // nothing could be read: the row is longer than the part
}

// read returns up to most rows of a part that begins with a row; line is how
// many lines came before. A row that may go on after the part is left to the
// next one, unless last says that there is none.
func (f format) read(part []byte, line int64, most int, last bool) window {
	var w window
	r := reader(part, f.separator)
	for len(w.rows) < most {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		end := r.InputOffset()
		if !last && end >= int64(len(part)) {
			break // may go on
		}
		at := line + w.lines + int64(bytes.Count(part[w.bytes:end], []byte("\n")))
		w.rows = append(w.rows, f.row(record, err, line+w.lines+1))
		if end > w.bytes {
			w.lines, w.bytes = at-line, end
		}
		var wrong *csv.ParseError
		if err != nil && !errors.As(err, &wrong) {
			break
		}
	}
	if last && len(w.rows) < most {
		w.bytes = int64(len(part))
	}
	w.stuck = !last && w.bytes == 0 && len(w.rows) == 0
	return w
}

// row reads a record.
func (f format) row(record []string, err error, line int64) tableRow {
	row := tableRow{line: line}
	fail := func(field, message string) { row.errors = append(row.errors, RowError{line, field, message}) }
	switch {
	case err != nil:
		fail("", "the quotes of this row do not match")
		return row
	case len(record) != len(f.columns):
		fail("", fmt.Sprintf("has %d fields, not %d", len(record), len(f.columns)))
		return row
	}
	for i, column := range f.columns {
		value := strings.TrimSpace(armless(record[i]))
		if value == "" || column == skipped {
			continue
		}
		if !utf8.ValidString(value) {
			fail(column, "is no UTF-8")
			continue
		}
		if err := f.cell(&row, column, value); err != nil {
			var invalid *InvalidError
			if errors.As(err, &invalid) {
				fail(invalid.Field, invalid.Message)
			}
		}
	}
	if len(row.errors) == 0 && row.phone.Value == "" && row.patch.Email == nil {
		fail("phone", "a row needs a phone number or an email address")
	}
	if len(row.errors) == 0 {
		var invalid *InvalidError
		if _, err := row.patch.apply(Profile{}).sound(f.fields); errors.As(err, &invalid) {
			fail(invalid.Field, invalid.Message)
		}
	}
	return row
}

// cell puts a value of a column into row.
func (f format) cell(row *tableRow, column, value string) error {
	p := &row.patch
	switch column {
	case "phone":
		phone, err := f.phone(value)
		if err != nil {
			return &InvalidError{"phone", "a phone number in international form is expected"}
		}
		row.phone = ingest.Identifier{Kind: ingest.Phone, Value: phone}
	case "name":
		p.Name = &value
	case "email":
		p.Email = &value
	case "language":
		p.Language = &value
	case "stage":
		p.Stage = &value
	case "source":
		p.Source = &value
	case "notes":
		p.Notes = &value
	case "segment":
		segment := Segment(strings.ToLower(value))
		p.Segment = &segment
	case "tags":
		list := strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == '|' || r == ',' })
		p.Tags = &list
	default:
		name := strings.TrimPrefix(column, "fields.")
		if p.Fields == nil {
			p.Fields = map[string]json.RawMessage{}
		}
		p.Fields[name] = f.fields[name].read(value)
	}
	return nil
}

// arm makes a cell harmless to programs that take one that begins so for a
// formula. A phone number begins with a plus and is a number to them.
func arm(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r'", rune(cell[0])) || cell[0] == '+' && strings.Trim(cell[1:], "0123456789") == "" {
		return cell
	}
	return "'" + cell
}

// armless undoes arm.
func armless(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r'", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}
