package tenant

// change is what applying did to one thing.
type change int

const (
	unchanged change = iota
	changed
	created
)
