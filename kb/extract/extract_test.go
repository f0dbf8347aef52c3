package extract_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"frontdesk/kb/extract"
)

// TestMain lets the test binary be its own child.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == extract.Command {
		os.Exit(extract.Child(os.Args[2:], &greedy{in: os.Stdin, kind: os.Args[2]}, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// greedy stands in for a reader that a file leads astray: read after the limits
// are set, it fills the memory, or never ends.
type greedy struct {
	in   *os.File
	kind string
	held [][]byte
}

func (g *greedy) Read(p []byte) (int, error) {
	switch g.kind {
	case "eats":
		for {
			b := make([]byte, 16<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			g.held = append(g.held, b)
		}
	case "spins":
		for n := 0; ; n++ {
		}
	}
	return g.in.Read(p)
}

// pdfOf returns a PDF of one page with lines of text.
func pdfOf(lines ...string) []byte {
	var content strings.Builder
	content.WriteString("BT /F1 12 Tf 14 TL 72 720 Td\n")
	for _, l := range lines {
		fmt.Fprintf(&content, "(%s) Tj T*\n", l)
	}
	content.WriteString("ET")
	var b bytes.Buffer
	var at []int
	obj := func(s string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), s)
	}
	b.WriteString("%PDF-1.4\n")
	obj("<< /Type /Catalog /Pages 2 0 R >>")
	obj("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	obj("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>")
	obj(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", content.Len(), content.String()))
	obj("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// docxOf returns a DOCX with body as the document's content.
func docxOf(t testing.TB, body string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(w, `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>%s</w:body></w:document>`, body)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const docxBody = `<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>Prices</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">Valid </w:t></w:r><w:r><w:t>2026 &amp; later</w:t></w:r></w:p>
<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>Cleaning</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>What</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>USD</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Crown</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>950</w:t></w:r></w:p></w:tc></w:tr></w:tbl>`

func TestText(t *testing.T) {
	bomb := docxOf(t, "<w:p><w:r><w:t>"+strings.Repeat("a", 20<<20)+"</w:t></w:r></w:p>")
	deep := docxOf(t, strings.Repeat("<w:x>", 2000))
	tests := []struct {
		name, kind string
		file       []byte
		want       string
		err        error
	}{
		{"lines of a PDF", "pdf", pdfOf("Cleaning 50 BZD", "Whitening 320 BZD"), "Cleaning 50 BZD\nWhitening 320 BZD", nil},
		{"structure of a DOCX", "docx", docxOf(t, docxBody), "# Prices\n\nValid 2026 & later\n\n- Cleaning\n| What | USD |\n| --- | --- |\n| Crown | 950 |", nil},
		{"nothing", "pdf", nil, "", extract.ErrUnreadable},
		{"not a PDF", "pdf", []byte("hello"), "", extract.ErrUnreadable},
		{"a PDF that ends early", "pdf", pdfOf("x")[:200], "", extract.ErrUnreadable},
		{"not a DOCX", "docx", []byte("PK\x03\x04"), "", extract.ErrUnreadable},
		{"a DOCX that unpacks to far more", "docx", bomb, "", extract.ErrUnreadable},
		{"a DOCX nested without end", "docx", deep, "", extract.ErrUnreadable},
		{"an unknown kind", "exe", []byte("MZ"), "", extract.ErrUnreadable},
		{"a file beyond the bound", "pdf", make([]byte, extract.MaxFile+1), "", extract.ErrTooLarge},
		{"a reader that fills the memory", "eats", nil, "", extract.ErrUnreadable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := extract.Extractor{}.Text(t.Context(), tt.kind, tt.file)
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if got != tt.want {
				t.Errorf("text %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTheChildEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := (extract.Extractor{}).Text(ctx, "spins", nil); err == nil {
		t.Error("no error from a reader that never ends")
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %s to end the child", d)
	}
}

func FuzzDOCX(f *testing.F) {
	f.Add(docxOf(f, docxBody))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, "docx", b) })
}

func FuzzDOCXBody(f *testing.F) {
	f.Add(docxBody)
	f.Add("<w:tbl><w:tc></w:tbl></w:p>")
	f.Fuzz(func(t *testing.T, s string) { fuzzed(t, "docx", docxOf(t, s)) })
}

func FuzzPDF(f *testing.F) {
	f.Add(pdfOf("Cleaning 50 BZD"))
	f.Add([]byte("%PDF-1.4\n"))
	f.Fuzz(func(t *testing.T, b []byte) { fuzzed(t, "pdf", b) })
}

func fuzzed(t *testing.T, kind string, b []byte) {
	text, err := extract.Read(kind, b)
	if err != nil && text != "" {
		t.Errorf("text %q beside error %v", text, err)
	}
}
