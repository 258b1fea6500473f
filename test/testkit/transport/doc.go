// Package transport records what a client sends to an API server, in which order,
// and, where a test wants it, has it fail: requests that are not sent, answers that
// are lost, refusals in the server's place.
package transport
