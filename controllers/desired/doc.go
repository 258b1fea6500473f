// Package desired computes native objects from custom resources: from a spec and what it refers
// to, the apply configuration of what should exist.
//
// All functions are pure, with golden files beside them. The package may import the API types,
// apply configurations and apimachinery; it has no client and no clock, and does no I/O (depguard
// enforces that).
package desired
