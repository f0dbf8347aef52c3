package contact

import (
	"errors"
	"time"
)

// PrefixImport starts the id of an import.
const PrefixImport = "imp_"

// Bounds of an import.
const (
	MaxImportBytes = 64 << 20
	MaxPartBytes   = 1 << 20
	// mostErrors is how many errors are kept of an import; the count has all.
	mostErrors = 1000
)

// ImportStatus is how far an import is.
type ImportStatus string

// Statuses of an import.
const (
	Uploading ImportStatus = "uploading" // more parts follow
	Running   ImportStatus = "running"
	Done      ImportStatus = "done"
	Failed    ImportStatus = "failed" // ended early; what was done before stays
)

// Import is a table of contacts that is read in.
type Import struct {
	ID        string
	Number    int64 // counts up within the tenant
	Status    ImportStatus
	DryRun    bool // nothing is kept but what it would have been
	Columns   []string
	Bytes     int64 // uploaded
	BytesDone int64
	Rows      int64 // read so far
	Created   int64
	Updated   int64
	Failed    int64  // rows that were not taken
	Detail    string // why it ended early
	CreatedAt time.Time
	UpdatedAt time.Time
	DoneAt    time.Time // zero: not yet
}

// Upload begins an import.
type Upload struct {
	Text       []byte            // the table, or its first part with the whole first line
	More       bool              // further parts follow
	Separator  rune              // zero: comma
	Mapping    map[string]string // from a name in the first line to a column
	DryRun     bool
	Home       string // a number of the country whose numbers need no code
	By         string // the key that asks
	RequestKey string // the same key is the same import
}

// Errors of imports.
var (
	// ErrNoImport is given for an import that the tenant does not have.
	ErrNoImport = errors.New("no such import")
	// ErrNotUploading is given for a part of an import that has all.
	ErrNotUploading = errors.New("the import has all of its parts")
	// ErrTooLarge is given for a table of more than MaxImportBytes.
	ErrTooLarge = errors.New("the table is too large")
)

// OffsetError says that a part does not begin where the table ends so far.
type OffsetError struct{ Bytes int64 }

func (e *OffsetError) Error() string { return "the part does not begin where the table ends" }
