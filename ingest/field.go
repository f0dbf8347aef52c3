package ingest

// FieldError is a value that a part cannot take. It is the part's own error, in
// the words that say what was expected.
type FieldError struct {
	Err     error  // of the part: "invalid article"
	Field   string // whose value it is, as developers know it; empty: of none alone
	Message string
}

func (e *FieldError) Error() string { return e.Err.Error() + ": " + e.Message }

// Unwrap returns the part's error.
func (e *FieldError) Unwrap() error { return e.Err }
