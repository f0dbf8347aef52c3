package ingest

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic that [Calm] has caught.
type PanicError struct {
	Value any
	Stack []byte // where it came from, for the log
}

// Error tells the kind of the panic's value, since the value itself may quote a
// message's text; the stack, which has none, is in the log.
func (e *PanicError) Error() string { return fmt.Sprintf("panicked (%T)", e.Value) }

// Calm calls f and returns its panic as a [*PanicError]. It is for the unit of
// work of whoever works for many: what one of them brings must not end the
// process for all, over and over.
func Calm(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	return f()
}
