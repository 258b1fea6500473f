// Package event decides which events of a pod are pending and what they say: their
// bodies, identifiers and CloudEvents attributes. Its functions are pure.
package event
