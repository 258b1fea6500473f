// Package pull keeps an inventory of the pods that somebody else made, and tells
// Kafka of every pod. It is a one-way street:
//
//	pod -> observe -> custom resources (state and outbox in one write) -> notify -> Kafka -> acknowledged
//
// observe.go, records.go, notify.go and what they stand on (imageref.go) are pure:
// no client, no clock; so is walk.go but for what it is handed to read with. The
// rest finds out what they need to know and carries out what they say. No arrow
// runs back: nothing here changes a native object.
//
// A slice has its status from two sources: the controller that it records, kept in
// a cache (controllers.go) or read through its scale (scale.go), and its pods for
// what that does not tell (workload.go).
//
// The work is keyed by the name of an instance, which is that of its pod. One
// worker has a name at a time, so one event of a pod is under way at a time.
//
// What Kafka has acknowledged is in the instance's status.delivery. What is still
// owed is never written down: it is what differs between that and the pod or,
// once the pod is gone, the instance itself. So there is no marker that a crash
// could leave wrong; a crash between an acknowledgement and its record sends the
// same event with the same ce_id again.
//
// No instance has a finalizer: it holds up neither its own deletion nor that of its
// namespace. So two things are kept in memory alone and lost with the process, until
// there is a durable place for them: the ends of pods whose instance is gone before
// Kafka heard of it, and those of pods that ended before their instance had a status.
// What Kafka does not take of them within Options.FinalizerTimeout is counted as lost, as is what
// it refuses for its size.
//
// Authority comes from the pod and from status alone, which no tenant can write; a
// mark, a label, an annotation or the spec of a record is text. A mark on a pod or a
// controller counts only where the custom resource that it names confirms it
// (counterparts.go). A record mirrors its own namespace only. Of a pod, events and
// status show what fits (package verdict). A record that another field manager has
// written to is theirs (yield.go).
package pull
