// Package controllers describes each kind of custom resource to the engine: one
// short file a kind, with its rights, what it refers to and its plan. The list of
// them all is in all.go.
//
// What to make of a spec is in package desired, what to make of the result in
// package verdict, how it is brought about in package engine. A file here only
// looks up references and puts the three together.
package controllers
