package extract

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ledongthuc/pdf"
)

// readPDF returns the text of all pages, lines as they stand on the page, a
// blank line between paragraphs and pages.
func readPDF(file []byte) (text string, err error) {
	defer func() {
		if p := recover(); p != nil { // the reader panics on malformed objects
			text, err = "", fmt.Errorf("not a readable PDF file: %v", p)
		}
	}()
	if !bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-")) {
		return "", errors.New("not a PDF file")
	}
	r, err := pdf.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return "", fmt.Errorf("not a readable PDF file: %w", err)
	}
	if n := r.NumPage(); n > MaxPages {
		return "", fmt.Errorf("%w: %d pages, at most %d are read", ErrTooLarge, n, MaxPages)
	}
	var out strings.Builder
	for i := 1; i <= r.NumPage(); i++ {
		page := r.Page(i)
		if page.V.IsNull() {
			continue
		}
		out.WriteString(pageText(page))
		out.WriteString("\n\n")
		if out.Len() > MaxText {
			return "", fmt.Errorf("%w: more than %d bytes of text", ErrTooLarge, MaxText)
		}
	}
	return strings.TrimSpace(out.String()), nil
}

// pageText puts the pieces of a page into lines from the top down. A gap of
// more than a line and a half starts a paragraph, one inside a line a blank.
func pageText(page pdf.Page) string {
	pieces := page.Content().Text
	slices.SortStableFunc(pieces, func(a, b pdf.Text) int { // the file's own order within a line
		return cmp.Compare(math.Round(b.Y), math.Round(a.Y))
	})
	var out strings.Builder
	for i, p := range pieces {
		if i > 0 {
			before := pieces[i-1]
			drop := before.Y - p.Y
			switch {
			case drop > 1.8*before.FontSize:
				out.WriteString("\n\n")
			case drop > before.FontSize/3:
				out.WriteByte('\n')
			case p.X-(before.X+before.W) > before.FontSize/5 && !strings.HasSuffix(before.S, " ") && !strings.HasPrefix(p.S, " "):
				out.WriteByte(' ')
			}
		}
		out.WriteString(p.S)
	}
	return out.String()
}
