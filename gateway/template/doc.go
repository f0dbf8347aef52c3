// Package template keeps the message templates of businesses: what they are
// called, what has to be filled in, and whether the provider lets them be sent.
//
// The provider decides; what is kept here follows its answers and its notices
// ([Handler]), so that a send that could only fail is refused at once ([Store.Check]).
package template
