// Package record decides what is recorded of a pod: which pods are inventoried, which
// custom resources record a pod and what it depends on, under which names, what other
// clients claim of these records, and what a slice shows of its controller.
//
// Its functions are pure: values in, values out. The authority for what a record
// mirrors is the pod and the record's status; labels, annotations and the spec are text
// that any client may write.
package record
