// Package operation is what the API can do, written once: an operation takes a
// caller and a typed input and returns a typed output or an error. It knows no
// HTTP and no names of fields; /v1 and the dialects are two kinds of bindings
// over it.
//
// Every operation works on the caller's tenant alone. What another tenant has
// is not found, and looks just like what nobody has.
package operation
