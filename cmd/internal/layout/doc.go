// Package layout keeps the shape of the tree by tests: which part may import
// which, where the clients of the outside may be used, how packages are named
// and documented, how long a function may be, and how statements lock. It holds
// no code of its own.
package layout
