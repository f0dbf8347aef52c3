//go:build !linux

package boot

// RelaxTimers does nothing: only Linux knows how much a wake-up may be late.
func RelaxTimers() {}
