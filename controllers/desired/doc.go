// Package desired makes native objects out of custom resources: from a spec and
// what it refers to, the apply configuration of what should be there.
//
// Everything here is a pure function with golden files beside it. The package
// may import the API types, apply configurations and apimachinery; it has no
// client, no clock and does no I/O (depguard holds it to that).
package desired
