// Package status computes the status of custom resources: from the desired state, observed objects
// and errors it computes status fields and an outcome, and from an outcome the conditions. The
// text of every condition is here, in package outcome, or in the plan that returns the error.
//
// All functions are pure. The package may import the API types and apimachinery; it has no client
// and no clock, and does no I/O (depguard enforces that), so that each status can be tested as a
// table.
package status
