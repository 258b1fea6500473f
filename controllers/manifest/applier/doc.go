// Package applier brings about what the blob of a KubernetesResourceInstance
// declares. It is the CustomReconciler of that kind: the reconciler has queue,
// references, finalizer, conditions and status; what is done about each object is
// done here.
//
// Each request about a tenant's object (read, watch, apply, delete) is sent as
// the ServiceAccount of the tenant's principal. Only discovery uses the manager's
// own rights. Nothing is ever tried a second time with other rights.
//
// What to do is decided in package manifest, by pure functions; this package
// holds what is known of the cluster and does the I/O.
package applier
