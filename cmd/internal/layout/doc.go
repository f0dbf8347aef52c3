// Package layout keeps the shape of the tree by tests: which part may import
// which, where the clients of the outside may be used, how packages are named
// and documented, and how long a function may be. It holds no code of its own.
package layout
