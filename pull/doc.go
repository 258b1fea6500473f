// Package pull keeps an inventory of the pods that others created, and publishes every
// pod's lifecycle to Kafka. It is a one-way path:
//
//	pod -> record -> custom resources -> event -> delivery -> Kafka -> acknowledged
//
// Its parts:
//
//   - record (pure): pod and owners -> records of an instance, slice, principal, image and
//     trust domain; node -> its record; which pods are selected; what others have claimed of
//     a record
//   - owners: the root owner of a pod, from caches, single requests and scales
//   - event (pure): what is pending of a pod, and the messages
//   - delivery: the outbox: what Kafka has acknowledged, retries and deadlines
//   - kafka: the producer
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
// What Kafka has acknowledged is in the instance's status.delivery. What is pending is never
// written down: it is the difference between that and the pod or, once the pod is gone, the
// instance itself. So there is no marker that a crash could leave wrong; a crash between an
// acknowledgement and its record publishes the same event with the same ce_id again.
//
// No instance has a finalizer: it blocks neither its own deletion nor that of its namespace.
// So two things are kept in memory alone and lost with the process, until there is a durable
// place for them: the ends of pods whose instance is gone before Kafka has acknowledged them,
// and those of pods that ended before their instance had a status. What Kafka does not
// acknowledge of them within Options.FinalizerTimeout is counted as lost, as is what it
// refuses for its size.
//
// Authority comes from the pod and from status alone, which no tenant can write; tracking
// metadata, a label, an annotation or the spec of a record is text. Tracking metadata on a
// pod or a controller counts only where the custom resource that it names confirms it
// (counterparts.go). A record mirrors its own namespace only. Of a pod, events and status
// show what fits (package observe). A record that another field manager has written to is
// theirs (discard.go).
package pull
