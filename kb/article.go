package kb

import (
	"errors"
	"time"

	"frontdesk/ingest"
)

// Errors of this package that callers branch on.
var (
	// ErrNotFound is given for an article the tenant does not have.
	ErrNotFound = errors.New("article not found")
	// ErrInvalid is given for a draft that cannot be taken; the text around it
	// says which field and what was expected.
	ErrInvalid = errors.New("invalid article")
	// ErrUnreadable is given for a file that no text could be taken from.
	ErrUnreadable = errors.New("no text could be read from the file")
)

// Type says how an article's content is to be read.
type Type string

// The types of content.
const (
	Text     Type = "text"
	Markdown Type = "markdown"
	HTML     Type = "html"
	FAQ      Type = "faq" // Title or Questions ask, Content answers
	PDF      Type = "pdf"
	DOCX     Type = "docx"
)

// Draft is an article as pushed.
//
// ID names the article to replace. Without ID an article of the same Agent and
// Title is replaced, so that pushing a file twice changes nothing; without
// either, the content itself is the identity.
type Draft struct {
	ID        ingest.ArticleID
	Agent     ingest.AgentID // the one agent that knows it; empty: all of the tenant
	Title     string
	Content   string
	Data      []byte   // the file, for PDF and DOCX, in place of Content
	Type      Type     // empty: text
	Questions []string // phrasings the article is the answer to
	Language  string   // ISO 639-1; empty: found out from the text
	Source    string   // where it came from (URL, file name); kept, not read
}

// Article is a unit of knowledge as stored.
type Article struct {
	ID        ingest.ArticleID
	Number    int64 // counts up within the tenant
	Agent     ingest.AgentID
	Title     string
	Content   string // as text: what was extracted, for HTML, PDF and DOCX
	Type      Type
	Questions []string
	Language  string
	Source    string
	Hash      string // of everything an answer depends on
	Version   int    // 1 for the first; counts up with each changed Put
	Passages  int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Version is an article as it once was.
type Version struct {
	Version   int
	Hash      string
	Title     string
	Content   string
	Type      Type
	Questions []string
	Language  string
	Source    string
	CreatedAt time.Time
}

// Filter narrows a list of articles. The zero value is all of the tenant's.
type Filter struct {
	Agent ingest.AgentID // only this agent's own and the common ones; empty: all
	Type  Type           // empty: all
	Query string         // part of the title, any case; empty: all
	Limit int            // 1 to 100; zero: 20
	After string         // cursor from the last page; empty: the first page
}
