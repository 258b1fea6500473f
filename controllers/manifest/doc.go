// Package manifest reads the blob of a KubernetesResourceInstance and decides
// what is to be done about it: which documents it holds, in which order they are
// applied, what is pruned, how each object is doing and what that comes to.
//
// Everything here is a pure function: no client, no clock, no I/O. What talks to
// the API server is in package applier.
package manifest
