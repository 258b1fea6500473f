// Package apistatus reads the API server's answer to a request that failed: the reason of a
// condition, whether a retry can succeed, and the text for a person. Controllers and blobs share
// it, so that the same answer is reported in the same way.
//
// The text never quotes a value of the object: the server's own words may quote a Job's template
// or a pod's environment. It consists of fields and reasons, is one line of a bounded length, and
// is the same for the same mistake, whatever the order in which the server lists the fields. The
// files in testdata were answered by a real API server; test/api verifies that.
//
// All functions are pure.
package apistatus
