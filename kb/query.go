package kb

import (
	"time"

	"frontdesk/ingest"
)

// Query is a customer's question.
type Query struct {
	Text     string
	Language string         // ISO 639-1; empty: unknown
	Agent    ingest.AgentID // who asks: sees its own and the common articles; empty: only the common ones
	Limit    int            // hits wanted, 1 to 50; zero: 5
}

// Hit is a passage that may answer a question. Score is comparable within one
// result only.
type Hit struct {
	Article ingest.ArticleID
	Passage ingest.PassageID
	Title   string
	Heading string // path of headings above the passage, " › " between
	Text    string
	Score   float64
}

// Answer is what the knowledge says to a question.
type Answer struct {
	// Supported is true where an article answers the question. Otherwise Text
	// is empty and nothing must be claimed.
	Supported bool
	// Confidence is from 0 to 1. Supported means at least the threshold.
	Confidence float64
	// Text is quoted from the article, plain, at most some 600 characters.
	Text    string
	Article ingest.ArticleID // the article quoted
	// Hits are the likeliest passages, best first, also when not supported.
	Hits []Hit
	// Generation is the state of the tenant's knowledge the answer was made from.
	Generation int64
}

// Gap is a question nobody could answer, with all that were asked like it.
type Gap struct {
	ID       string
	Question string   // as first asked
	Examples []string // other wordings, newest first, at most five
	Language string
	Count    int64
	FirstAt  time.Time
	LastAt   time.Time
}

// GapFilter says which gaps to list.
type GapFilter struct {
	Limit int    // 1 to 100; zero: 20
	After string // the cursor of an earlier page; empty: the first one
}
