// Package recipe makes manifests of the TOSCA recipes of the original XOS: a node template
// becomes an object, a property a field, and a requirement the name of an object.
//
// Everything here is a pure function: no client, no clock, no I/O.
package recipe
