package roles

import "runtime/debug"

// GOGC's default, and what is set in its place: what is kept is small beside
// what passes through, so that memory for a few more messages saves most of the
// collector's work.
const usualGrowth, ourGrowth = 100, 300

// collectLess sets the garbage collector for a process that serves. Whoever set
// GOGC has it their way.
func collectLess() {
	if was := debug.SetGCPercent(ourGrowth); was != usualGrowth {
		debug.SetGCPercent(was)
	}
}
