// Package lifecycle decides what the commands that write change of an object, and when that is
// reached.
//
// Everything here is a pure function: no client, no clock, no I/O.
package lifecycle
