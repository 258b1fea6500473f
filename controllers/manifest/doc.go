// Package manifest decodes the blob of a KubernetesResourceInstance and decides what is to be done
// about it: which documents it holds, in which order they are applied, what is pruned, the health
// of each object and the outcome of a pass.
//
// All functions are pure: no client, no clock, no I/O. Requests to the API server are in package
// applier.
package manifest
