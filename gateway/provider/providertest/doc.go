// Package providertest holds what every adapter must keep to: its parser takes
// any bytes, its signature check refuses every change, and its sender says of
// each failure what is to be done next, without ever leaving the machine.
package providertest
