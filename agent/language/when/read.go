package when

// Read returns the expressions of time in text, in its order. It never fails:
// a text without any gives none.
func Read(text string, ref Reference) []Mention {
	return nil
}
