package passage

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FromHTML reads HTML as it comes, well formed or not: headings, paragraphs,
// lists and tables. Scripts, styles and what a page repeats (navigation, footer,
// forms) are left out. It reads tokens, so depth costs nothing.
func FromHTML(s string) []Block {
	r := &htmlReader{}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch typ := z.Next(); typ {
		case html.ErrorToken:
			r.flush()
			r.end()
			return r.out
		case html.TextToken:
			if r.skipped == 0 {
				r.text.WriteString(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			r.open(atom.Lookup(name), typ == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.close(atom.Lookup(name))
		}
	}
}

type htmlReader struct {
	reader
	text    strings.Builder // of the line at hand
	skipped int             // depth inside what is left out
	level   int             // of the heading at hand; 0 outside
	lists   int             // depth of lists
	row     []string        // cells of the row at hand
	cell    bool            // inside a cell
}

var skippedTags = map[atom.Atom]bool{
	atom.Script: true, atom.Style: true, atom.Noscript: true, atom.Template: true, atom.Nav: true, atom.Footer: true,
	atom.Form: true, atom.Svg: true, atom.Head: true, atom.Iframe: true, atom.Select: true, atom.Button: true,
}

func (r *htmlReader) open(tag atom.Atom, closed bool) {
	switch {
	case skippedTags[tag]:
		if !closed {
			r.flush()
			r.skipped++
		}
	case r.skipped > 0:
	case tag == atom.Br:
		r.flush()
	case headingLevel(tag) > 0:
		r.flush()
		r.end()
		r.level = headingLevel(tag)
	case tag == atom.Li:
		r.flush()
	case tag == atom.Ul || tag == atom.Ol:
		r.flush()
		r.lists++
	case tag == atom.Tr:
		r.flush()
		r.row = nil
	case tag == atom.Td || tag == atom.Th:
		r.flushCell()
		r.cell = true
	case blockTags[tag]:
		r.flush()
		if r.lists == 0 && !r.cell {
			r.end()
		}
	}
}

func (r *htmlReader) close(tag atom.Atom) {
	switch {
	case skippedTags[tag]:
		r.skipped = max(0, r.skipped-1)
	case r.skipped > 0:
	case headingLevel(tag) > 0:
		r.flush()
		r.level = 0
	case tag == atom.Ul || tag == atom.Ol:
		r.flush()
		if r.lists = max(0, r.lists-1); r.lists == 0 {
			r.end()
		}
	case tag == atom.Td || tag == atom.Th:
		r.flushCell()
	case tag == atom.Tr:
		r.flushCell()
		if len(r.row) > 0 {
			r.line(strings.Join(r.row, " | "), Table)
		}
		r.row = nil
	case tag == atom.Table:
		r.end()
	case blockTags[tag]:
		r.flush()
		if r.lists == 0 && !r.cell {
			r.end()
		}
	}
}

// flush takes the text at hand as a line of a paragraph, an item, or a heading.
func (r *htmlReader) flush() {
	if r.cell {
		r.text.WriteByte(' ')
		return
	}
	text := strings.Join(strings.Fields(html.UnescapeString(r.text.String())), " ")
	r.text.Reset()
	switch {
	case text == "":
	case r.level > 0:
		r.heading(r.level, text)
	case r.lists > 0:
		r.line("- "+text, List)
	default:
		r.line(text, Paragraph)
	}
}

func (r *htmlReader) flushCell() {
	if !r.cell {
		r.flush()
		return
	}
	r.cell = false
	r.row = append(r.row, strings.Join(strings.Fields(html.UnescapeString(r.text.String())), " "))
	r.text.Reset()
}

func headingLevel(tag atom.Atom) int {
	switch tag {
	case atom.H1:
		return 1
	case atom.H2:
		return 2
	case atom.H3:
		return 3
	case atom.H4:
		return 4
	case atom.H5:
		return 5
	case atom.H6:
		return 6
	}
	return 0
}

var blockTags = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Section: true, atom.Article: true, atom.Main: true, atom.Aside: true, atom.Header: true, atom.Blockquote: true,
	atom.Pre: true, atom.Table: true, atom.Tbody: true, atom.Thead: true, atom.Figure: true, atom.Figcaption: true, atom.Dl: true, atom.Dt: true, atom.Dd: true,
	atom.Address: true, atom.Hr: true, atom.Details: true, atom.Summary: true, atom.Body: true, atom.Html: true, atom.Caption: true,
}
