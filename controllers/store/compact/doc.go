// Package compact has caches hold other clients' pods, and their records, in a form that takes a
// fraction of the memory: what the pods of one template have in common, which is nearly all of them
// that is cached, is held once. Nothing is lost: an object that has more of its own than others has
// it held for itself alone.
package compact
