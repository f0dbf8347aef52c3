package extract

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Bounds on the archive: what one entry may unpack to, how much more than its
// packed size, how many entries, how deep the XML.
const (
	maxEntry   = 64 << 20
	maxRatio   = 200
	maxEntries = 10000
	maxDepth   = 256
)

// readDOCX returns the document's paragraphs, headings as "# …", list items as
// "- …", table rows as "| a | b |".
func readDOCX(file []byte) (string, error) {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return "", fmt.Errorf("not a DOCX file: %w", err)
	}
	if len(archive.File) > maxEntries {
		return "", errors.New("not a DOCX file: too many entries")
	}
	for _, f := range archive.File {
		if f.Name != "word/document.xml" {
			continue
		}
		if f.UncompressedSize64 > maxEntry || f.UncompressedSize64 > maxRatio*max(f.CompressedSize64, 1) {
			return "", errors.New("the document unpacks to more than a document should")
		}
		body, err := f.Open()
		if err != nil {
			return "", fmt.Errorf("open the document: %w", err)
		}
		defer body.Close()
		return documentText(io.LimitReader(body, maxEntry))
	}
	return "", errors.New("not a DOCX file: it holds no document")
}

// word is a document being read.
type word struct {
	out   strings.Builder
	para  strings.Builder
	style string
	item  bool
	row   []string
	cell  strings.Builder
	rows  int // of the table at hand
	depth int // of tables
}

func documentText(r io.Reader) (string, error) {
	d := xml.NewDecoder(r)
	var w word
	for depth := 0; ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return strings.TrimSpace(w.out.String()), nil
		}
		if err != nil {
			return "", fmt.Errorf("read the document: %w", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				return "", errors.New("the document is nested too deeply")
			}
			if err := w.start(d, t); err != nil {
				return "", fmt.Errorf("read the document: %w", err)
			}
			if t.Name.Local == "t" {
				depth--
			}
		case xml.EndElement:
			depth--
			w.end(t.Name.Local)
		}
		if w.out.Len() > MaxText {
			return "", ErrTooLarge
		}
	}
}

func (w *word) start(d *xml.Decoder, t xml.StartElement) error {
	switch t.Name.Local {
	case "t":
		var s string
		if err := d.DecodeElement(&s, &t); err != nil {
			return err
		}
		w.para.WriteString(s)
	case "tab":
		w.para.WriteByte(' ')
	case "br", "cr":
		w.para.WriteByte('\n')
	case "pStyle":
		for _, a := range t.Attr {
			if a.Name.Local == "val" {
				w.style = a.Value
			}
		}
	case "numPr":
		w.item = true
	case "tbl":
		w.depth++
		if w.depth == 1 {
			w.rows = 0
		}
	}
	return nil
}

func (w *word) end(name string) {
	switch name {
	case "p":
		w.paragraph()
	case "tc":
		if w.depth == 1 {
			w.row = append(w.row, strings.ReplaceAll(strings.Join(strings.Fields(w.cell.String()), " "), "|", "/"))
			w.cell.Reset()
		}
	case "tr":
		if w.depth == 1 {
			w.tableRow()
		}
	case "tbl":
		if w.depth = max(0, w.depth-1); w.depth == 0 {
			w.out.WriteByte('\n')
		}
	}
}

func (w *word) paragraph() {
	text, style, item := strings.TrimSpace(w.para.String()), w.style, w.item
	w.para.Reset()
	w.style, w.item = "", false
	switch level := headingOf(style); {
	case text == "":
	case w.depth > 0:
		w.cell.WriteString(text + " ")
	case level > 0:
		w.out.WriteString("\n" + strings.Repeat("#", level) + " " + strings.Join(strings.Fields(text), " ") + "\n\n")
	case item:
		w.out.WriteString("- " + strings.Join(strings.Fields(text), " ") + "\n")
	default:
		w.out.WriteString(text + "\n\n")
	}
}

func (w *word) tableRow() {
	row := w.row
	w.row = nil
	if strings.Join(row, "") == "" {
		return
	}
	w.out.WriteString("| " + strings.Join(row, " | ") + " |\n")
	if w.rows++; w.rows == 1 {
		w.out.WriteString("|" + strings.Repeat(" --- |", len(row)) + "\n")
	}
}

// headingOf returns the level of a style such as "Heading2", "Title" or the
// names that other languages' word processors write; 0 for none.
func headingOf(style string) int {
	s := strings.ToLower(strings.ReplaceAll(style, " ", ""))
	if s == "title" || s == "titulo" || s == "titel" {
		return 1
	}
	for _, prefix := range []string{"heading", "ttulo", "titulo", "titre", "berschrift", "überschrift", "titolo"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			if n, err := strconv.Atoi(rest); err == nil && n >= 1 {
				return min(n, 6)
			}
		}
	}
	return 0
}
