// Package pull keeps an inventory of the pods that other clients created, and publishes
// the lifecycle of every pod to Kafka. It is a one-way street:
//
//	pod -> record -> custom resources (state and outbox in one write) -> event -> delivery -> Kafka -> acknowledged
//
// What is recorded and what is published is decided by packages record and event, which
// are pure. Package owners finds the root owner of a pod, package delivery sends what is
// pending, and package kafka produces it to a topic. This package wires them: the Puller
// enqueues and reconciles instances; the dependents create the records of what a pod
// depends on; the garbage collector keeps the status of slices and deletes what nothing
// needs any more; the counterparts confirm tracking metadata; the pod selector holds the
// selection; the pod lister corrects the cache by full lists. No arrow runs back: nothing
// here changes a native object.
//
// The work is keyed by the name of an instance, which is that of its pod. One
// worker has a name at a time, so one event of a pod is under way at a time.
//
// What Kafka has acknowledged is in the instance's status.delivery. Which events are
// pending is never written down: they are what differs between that and the pod or,
// once the pod is gone, the instance itself. So there is no marker that a crash
// could leave wrong; a crash between an acknowledgement and its record sends the
// same event with the same ce_id again.
//
// No instance has a finalizer: it holds up neither its own deletion nor that of its
// namespace. So two things are kept in memory alone and lost with the process, until
// there is a durable place for them: the ends of pods whose instance is gone before
// Kafka heard of it, and those of pods that ended before their instance had a status.
// What Kafka does not take of them within Options.FinalizerTimeout is counted as lost, as
// is what it refuses for its size.
//
// Authority comes from the pod and from status alone, which no tenant can write;
// tracking metadata, a label, an annotation or the spec of a record is text. Tracking
// metadata on a pod or a controller counts only where the custom resource that it names
// confirms it (counterparts.go). A record mirrors its own namespace only. Of a pod, events
// and status show what fits (package observe). A record that another field manager has
// written to is that manager's (claimed.go).
package pull
