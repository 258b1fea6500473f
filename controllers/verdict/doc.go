// Package verdict says how an object is doing: from what was wanted, what was
// observed and what went wrong it makes conditions and status fields.
//
// Everything here is a pure function. The package may import the API types and
// apimachinery; it has no client, no clock and does no I/O (depguard holds it
// to that), so that each verdict can be tested as a table.
package verdict
