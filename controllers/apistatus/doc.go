// Package apistatus reads what the API server answers to a request that it does not
// carry out: which reason a condition has, whether there is any use in waiting, and
// the text for a person. Controllers and blobs share it, so that one answer is told
// in one way.
//
// The text never quotes a value of the object: a Job's template or a pod's
// environment stands in the server's own words. It is made of fields and reasons, is
// one line of a bounded length, and is the same for the same mistake, in whatever
// order the server lists the fields. What stands in testdata was answered by a real
// API server; test/api keeps it so.
//
// Everything here is pure.
package apistatus
