// Package outcome says what a pass over an object came to: ready, progressing, waiting,
// retrying, stalled, blocked or suspended, with a reason and a message for a person. An
// Outcome is an error too, so that a plan can return it; what the API server answered
// becomes one by FromErrors.
//
// Everything here is a pure function.
package outcome
