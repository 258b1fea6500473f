// Package ownership holds the rules by which an object belongs to an owner, for every
// kind of owner: what is written on an object that is ours, how it is adopted although
// other field managers hold its fields, and how it is released.
//
// Everything here is a pure function: no client, no clock, no I/O.
package ownership
