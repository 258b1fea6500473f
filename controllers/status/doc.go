// Package status computes the status of custom resources: from what was desired, what was
// observed and what failed it makes status fields and an outcome, and from an outcome the
// conditions. The text of every condition is here, in package outcome, or in the plan that
// returns the error.
//
// Everything here is a pure function. The package may import the API types and
// apimachinery; it has no client, no clock and does no I/O (depguard holds it to that), so
// that each status can be tested as a table.
package status
