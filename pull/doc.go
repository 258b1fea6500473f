// Package pull keeps an inventory of the pods that others created, and publishes every
// pod's lifecycle to Kafka. It is a one-way path:
//
//	pod -> record -> custom resources
//	pod -> event  -> delivery -> Kafka
//
// Its parts:
//
//   - record (pure): pod and owners -> records of an instance, slice, principal, image and
//     trust domain; node -> its record; which pods are selected; what others have claimed of
//     a record
//   - owners: the root owner of a pod, from caches, single requests and scales
//   - event (pure): what is pending of a pod, and the messages
//   - delivery: the outbox: what is pending, and when it is published
//   - kafka: transactions, and reading back what they published
//
// This package is the loop: handlers enqueue (handlers.go), a pass reconciles one instance
// (recordreconciler.go, and managed.go for those that a controller created), dependents.go
// creates what its record refers to, and garbage.go deletes records of what is gone. Nodes
// are recorded beside that, by a queue of their own (nodes.go). Nothing here changes a native
// object.
//
// The work is keyed by the name of an instance, which is that of its pod. One worker has a
// name at a time, so one event of a pod is being published at a time.
//
// Events follow the pod, not its record (podevents.go). What is pending is never written
// down: it is the difference between the cluster and the topic of the inventory, which is
// read at the start of each session. So there is no marker that a crash could leave wrong.
//
// No instance has a finalizer: it blocks neither its own deletion nor that of its namespace.
// The record of a pod that ended stays until the end is published. Where it goes before
// that, and Kafka was never told of the pod, the end is kept in a ConfigMap of the manager's
// namespace (keptends.go).
//
// Authority comes from the pod and from status alone, which no tenant can write; tracking
// metadata, a label, an annotation or the spec of a record is text. Tracking metadata on a
// pod or a controller counts only where the custom resource that it names confirms it
// (counterparts.go). A record mirrors its own namespace only. Of a pod, events and status
// show what fits (package observe). A record that another field manager has written to is
// theirs (discard.go).
package pull
