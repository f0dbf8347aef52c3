package contact

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"frontdesk/ingest"
)

func TestReadHeader(t *testing.T) {
	tests := []struct {
		name, text string
		mapping    map[string]string
		want       string // columns, or the field that is wrong
	}{
		{"as an export has it", "id,name,phone,e-mail,Tags,fields\n", nil, "- name phone email tags -"},
		{"with a mark of the bytes' order", "\ufeffPhone Number,x\n", map[string]string{"x": "fields.plan"}, "phone fields.plan"},
		{"mapped", "Handy,Kunde,foo\r\n", map[string]string{"Handy": "phone", "Kunde": "name", "foo": "-"}, "phone name -"},
		{"custom", "phone,fields.plan\n", nil, "phone fields.plan"},
		{"unknown", "phone,foo\n", nil, "csv"},
		{"twice", "phone,mobile\n", nil, "csv"},
		{"nobody to be found by", "name\n", nil, "csv"},
		{"empty", "", nil, "csv"},
		{"maps what is not there", "phone\n", map[string]string{"x": "name"}, "mapping"},
		{"maps to what is not there", "phone,x\n", map[string]string{"x": "tenant_id"}, "mapping"},
		{"a field's name that cannot be", "phone,fields.a b\n", nil, "csv"},
		{"an open quote", "\"phone", nil, "csv"},
	}
	for _, tt := range tests {
		columns, _, err := ReadHeader([]byte(tt.text), ',', tt.mapping)
		var invalid *InvalidError
		if got := strings.Join(columns, " "); err == nil && got != tt.want || err != nil && (!errors.As(err, &invalid) || invalid.Field != tt.want) {
			t.Errorf("%s: %q, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}

func digits(s string) (string, error) {
	if strings.Trim(s, "+0123456789") != "" || len(s) < 4 {
		return "", errors.New("no number")
	}
	return s, nil
}

func rowsOf(f format, text string, part, most int) (rows []tableRow, lines int64) {
	b := []byte(text)
	for at := 0; at < len(b); {
		end := min(at+part, len(b))
		w := f.read(b[at:end], lines, most, end == len(b))
		if w.stuck {
			part *= 2
			continue
		}
		rows, at, lines = append(rows, w.rows...), at+int(w.bytes), lines+w.lines
	}
	return rows, lines
}

func TestRows(t *testing.T) {
	f := format{columns: []string{"phone", "name", "tags", "fields.n", "segment"}, separator: ',', phone: digits, fields: map[string]Field{"n": {Name: "n", Type: NumberField}}}
	text := "+1555,\"Ann,\nLee\",a;b,7,VIP\r\n+1556,'=1+1,,,\n12,Bob,,,\n+1557,Cy,,x,\n+1558,Di\n+1559,D\"i,,,\n+1560,Eve,,,gold\n,,,,\n+1561,Flo,,,"
	want := []string{"", "", "3 phone", "4 fields.n", "5 ", "6 ", "7 segment", "8 phone", ""}
	for _, size := range []int{8, 64, 1 << 20} {
		rows, _ := rowsOf(f, text, size, 3)
		if len(rows) != len(want) {
			t.Fatalf("in parts of %d: %d rows, want %d", size, len(rows), len(want))
		}
		for i, row := range rows {
			line := int64(i + 1)
			if i > 0 {
				line++ // the first has two
			}
			if row.line != line || (len(row.errors) == 0) != (want[i] == "") || len(row.errors) > 0 && row.errors[0].Field != strings.SplitN(want[i], " ", 2)[1] {
				t.Errorf("row %d: line %d, %v; want line %d and an error of %q", i+1, row.line, row.errors, line, want[i])
			}
		}
		if p := rows[0].patch; *p.Name != "Ann,\nLee" || len(*p.Tags) != 2 || string(p.Fields["n"]) != "7" || *p.Segment != VIP {
			t.Errorf("first row %+v", p)
		}
		if *rows[1].patch.Name != "=1+1" {
			t.Errorf("an armed cell is read as %q", *rows[1].patch.Name)
		}
	}
}

func TestAnOpenQuoteIsStuck(t *testing.T) {
	f := format{columns: []string{"phone"}, separator: ',', phone: digits}
	if w := f.read([]byte("\"+1555\n+1556\n"), 0, 10, false); !w.stuck {
		t.Errorf("read %+v", w)
	}
	if w := f.read([]byte("\"+1555\n+1556\n"), 0, 10, true); len(w.rows) != 1 || len(w.rows[0].errors) != 1 || w.bytes != 13 {
		t.Errorf("at the end of the table: %+v", w)
	}
}

func TestArmedCellsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[=+@'\t-]{0,3}[a-z0-9=+]{0,4}`).Draw(t, "cell")
		armed := arm(cell)
		if armless(armed) != cell {
			t.Fatalf("%q armed is %q and comes back as %q", cell, armed, armless(armed))
		}
		if armed != "" && strings.ContainsRune("=-@\t\r", rune(armed[0])) || strings.HasPrefix(armed, "+") && strings.Trim(armed[1:], "0123456789") != "" {
			t.Fatalf("%q is a formula", armed)
		}
	})
}

func TestExportIsRead(t *testing.T) {
	var buf bytes.Buffer
	c := Contact{ID: "con_1", Number: 7, Identifiers: []ingest.Identifier{{Kind: ingest.Phone, Value: "+15550142"}},
		Profile: Profile{Name: `=HYPERLINK("http://x")`, Email: "a@example.com", Tags: []string{"a", "b"}, Notes: "one\ntwo, three", Segment: VIP, Fields: map[string]json.RawMessage{}}}
	if err := errors.Join(writeCSV(&buf, exportHeader), writeContact(&buf, c, CSV)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(buf.String(), ",=") || strings.Contains(buf.String(), `,"=`) {
		t.Errorf("a formula in %s", buf.String())
	}
	columns, starts, err := ReadHeader(buf.Bytes(), ',', nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := rowsOf(format{columns: columns, separator: ',', phone: digits}, buf.String()[starts:], 1<<20, 10)
	if len(rows) != 1 || len(rows[0].errors) > 0 || *rows[0].patch.Name != c.Name || *rows[0].patch.Notes != c.Notes || rows[0].phone.Value != "+15550142" {
		t.Errorf("read back %+v", rows)
	}
}

// FuzzTable reads any bytes as a table: in parts and whole it is the same rows,
// all of it is read, and no error repeats what stands there.
func FuzzTable(f *testing.F) {
	f.Add("phone,name\n+1555,Ann\n", 16)
	f.Add("\ufeffphone,email,tags\r\n+1555,\"a@b.c\",\"x;y\"\r\n\"", 3)
	f.Add("phone,fields.a\n1,2\n\n\"\"\"\n", 1)
	f.Fuzz(func(t *testing.T, text string, part int) {
		columns, starts, err := ReadHeader([]byte(text), ',', nil)
		if err != nil {
			return
		}
		fm := format{columns: columns, separator: ',', phone: digits}
		whole, _ := rowsOf(fm, text[starts:], len(text)+1, 1<<20)
		pieces, _ := rowsOf(fm, text[starts:], max(1, min(part, 1<<16)), 2)
		if len(whole) != len(pieces) {
			t.Fatalf("%d rows whole, %d in parts of %d", len(whole), len(pieces), part)
		}
		for i, row := range whole {
			if row.line != pieces[i].line || len(row.errors) != len(pieces[i].errors) {
				t.Fatalf("row %d: line %d, %v whole; line %d, %v in parts", i, row.line, row.errors, pieces[i].line, pieces[i].errors)
			}
			if len(row.errors) == 0 {
				p, err := row.patch.apply(Profile{}).sound(nil)
				if err != nil || !utf8.ValidString(p.Name) {
					t.Fatalf("row %d is taken and cannot be stored: %v", i, err)
				}
			}
		}
	})
}
