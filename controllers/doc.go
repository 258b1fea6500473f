// Package controllers describes each kind of custom resource to the reconciler, in one short file
// a kind: its RBAC markers, its references, the native kinds that it owns, and its plan. all.go
// lists the kinds.
//
// A plan resolves references, passes them to package desired, which computes native objects, and
// has package status compute the status from what is observed. Logic that needs no cache belongs
// in one of those two. Package reconciler runs the loop, and package store reads and writes.
package controllers
