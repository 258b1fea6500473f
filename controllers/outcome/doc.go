// Package outcome describes the result of a pass over an object: ready, progressing, waiting,
// retrying, stalled, blocked or suspended, with a reason and a message for a person. An Outcome is
// an error too, so that a plan can return it; FromErrors converts the API server's errors.
//
// All functions are pure.
package outcome
