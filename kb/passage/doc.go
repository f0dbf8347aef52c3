// Package passage turns an article into the pieces that are retrieved: along
// its headings, then its paragraphs, then its sentences, with lists and tables
// kept together where they fit. Parsing is pure, never fails and never recurses.
package passage

// Kind says what a block was.
type Kind int

// The kinds of blocks.
const (
	Paragraph Kind = iota
	List           // one item a line
	Table          // one row a line, cells apart by " | "; the first is the head
)

// Block is a stretch of an article under one path of headings.
type Block struct {
	Headings []string
	Text     string
	Kind     Kind
}

// Passage is a piece of an article, plain text.
type Passage struct {
	Heading string // path of headings, " › " between
	Text    string
}

// Separator stands between the headings of a path.
const Separator = " › "
