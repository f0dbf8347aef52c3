package passage

import (
	"regexp"
	"strings"
)

// FromText reads plain text: paragraphs apart by blank lines.
func FromText(s string) []Block {
	var out []Block
	for _, p := range blankLines.Split(strings.ReplaceAll(s, "\r\n", "\n"), -1) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, Block{Text: p, Kind: kindOf(p)})
		}
	}
	return out
}

var blankLines = regexp.MustCompile(`\n[ \t]*\n`)

// kindOf tells a list by its marks.
func kindOf(p string) Kind {
	lines := strings.Split(p, "\n")
	n := 0
	for _, l := range lines {
		if listMark.MatchString(l) {
			n++
		}
	}
	if n > 1 && n*2 > len(lines) {
		return List
	}
	return Paragraph
}

var (
	listMark  = regexp.MustCompile(`^\s*(?:[-*+•]|\d{1,3}[.)])\s+`)
	atxMark   = regexp.MustCompile(`^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$`)
	ruleLine  = regexp.MustCompile(`^\s*(?:[-*_]\s*){3,}$`)
	tableRule = regexp.MustCompile(`^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$`)
)

// FromMarkdown reads Markdown: headings, paragraphs, lists, tables, code. Marks
// of emphasis and links are taken off; a link's address is kept beside its text.
func FromMarkdown(s string) []Block {
	var r reader
	fenced := ""
	for _, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case fenced != "":
			if strings.HasPrefix(trimmed, fenced) {
				fenced = ""
				r.end()
			} else {
				r.line(line, Paragraph)
			}
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			r.end()
			fenced = trimmed[:3]
		default:
			r.markdown(line, trimmed)
		}
	}
	r.end()
	return r.out
}

// markdown takes a line outside of code.
func (r *reader) markdown(line, trimmed string) {
	if m := atxMark.FindStringSubmatch(line); m != nil {
		r.heading(len(m[1]), inline(m[2]))
		return
	}
	switch {
	case trimmed == "":
		r.end()
	case strings.Trim(trimmed, "=") == "" && len(r.lines) == 1 && r.kind == Paragraph:
		r.underlined(1)
	case strings.Trim(trimmed, "-") == "" && len(trimmed) > 1 && len(r.lines) == 1 && r.kind == Paragraph:
		r.underlined(2)
	case strings.Contains(trimmed, "|") && tableRule.MatchString(trimmed):
		r.kind = Table // what stands above is its head
	case strings.HasPrefix(trimmed, "|") && strings.Count(trimmed, "|") > 1:
		r.line(cells(trimmed), Table)
	case r.kind == Table && len(r.lines) > 0 && strings.Contains(trimmed, "|"):
		r.line(cells(trimmed), Table)
	case ruleLine.MatchString(line):
		r.end()
	case listMark.MatchString(line):
		r.line("- "+inline(strings.TrimSpace(listMark.ReplaceAllString(line, ""))), List)
	case r.kind == List && len(r.lines) > 0 && line != trimmed:
		r.lines[len(r.lines)-1] += " " + inline(trimmed)
	default:
		r.line(inline(strings.TrimSpace(strings.TrimLeft(trimmed, ">"))), Paragraph)
	}
}

func cells(row string) string {
	parts := strings.Split(strings.Trim(row, "| \t"), "|")
	for i := range parts {
		parts[i] = inline(strings.TrimSpace(parts[i]))
	}
	return strings.Join(parts, " | ")
}

var (
	image    = regexp.MustCompile(`!\[([^\]]*)\]\([^)]*\)`)
	link     = regexp.MustCompile(`\[([^\]]+)\]\(\s*<?([^)\s>]+)>?[^)]*\)`)
	emphasis = regexp.MustCompile(`(\*\*|__)(\S(?:.*?\S)?)(\*\*|__)`)
	single   = regexp.MustCompile(`(^|[\s(])([*_])(\S(?:[^*_]*?\S)?)([*_])([\s).,;:!?]|$)`)
	escaped  = regexp.MustCompile("\\\\([\\\\`*_{}\\[\\]()#+.!|-])")
)

// inline takes the marks off a line of Markdown.
func inline(s string) string {
	s = image.ReplaceAllString(s, "$1")
	s = link.ReplaceAllStringFunc(s, func(m string) string {
		p := link.FindStringSubmatch(m)
		if p[1] == p[2] || !strings.HasPrefix(p[2], "http") {
			return p[1]
		}
		return p[1] + " (" + p[2] + ")"
	})
	s = emphasis.ReplaceAllString(s, "$2")
	s = single.ReplaceAllString(s, "$1$3$5")
	s = strings.ReplaceAll(s, "`", "")
	return escaped.ReplaceAllString(s, "$1")
}

// reader gathers lines into blocks.
type reader struct {
	out      []Block
	headings []string
	levels   []int
	lines    []string
	kind     Kind
}

// line adds a line to the block at hand, or starts one of its kind.
func (r *reader) line(s string, kind Kind) {
	if len(r.lines) > 0 && r.kind != kind {
		r.end()
	}
	r.kind = kind
	r.lines = append(r.lines, s)
}

// end ends the block at hand.
func (r *reader) end() {
	if text := strings.TrimSpace(strings.Join(r.lines, "\n")); text != "" {
		r.out = append(r.out, Block{r.headings, text, r.kind})
	}
	r.lines, r.kind = nil, Paragraph
}

// maxHeading bounds a heading in the path.
const maxHeading = 200

// heading opens a section of a level.
func (r *reader) heading(level int, text string) {
	r.end()
	n := 0
	for n < len(r.levels) && r.levels[n] < level {
		n++
	}
	r.levels = append(r.levels[:n:n], level)
	r.headings = append(r.headings[:n:n], clip(strings.TrimSpace(text), maxHeading))
}

// underlined makes the one line at hand a heading.
func (r *reader) underlined(level int) {
	text := r.lines[0]
	r.lines = nil
	r.heading(level, text)
}

// clip cuts s to at most n bytes between runes.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
