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
// Two things are kept in memory alone and lost with the process, until there is a
// durable place for them: the ends of pods whose instance is gone before Kafka
// heard of it (managed ones, since XOS lets go of those at once), and events that
// Kafka did not take within Options.Hold while somebody waited for the name or
// the namespace. The latter are counted as lost.
package pull
