// Package embedded runs the one-machine default: real engines as children of
// this process or inside it, each replaced by naming a server of one's own.
//
// A child is kept running by a [Supervisor]: started again with back-off when it
// dies, stopped in time when we stop, and found at the next start if we were
// killed and it was not.
package embedded
