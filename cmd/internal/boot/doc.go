// Package boot is what every role starts and stops with: the configuration,
// which is read from the environment here and nowhere else, the logger, the
// internal listener, readiness, and the order in which things stop.
package boot
