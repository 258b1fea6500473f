// Package ownership decides which object belongs to which owner, for every kind of owner:
// the tracking metadata that is written on an object, how an existing object is related to
// an owner, who may consent to its adoption, and how it is released.
//
// Everything here is a pure function: no client, no clock, no I/O.
package ownership
