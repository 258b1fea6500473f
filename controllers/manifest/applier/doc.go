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
//
// The table of bring is that of the reconciler's typed children only at first
// sight. Both decide alike whose an object is, who holds a name, whether a repair
// may be made now and which events show their own writes, and so share package
// ownership, reconciler.RepairLimiter and store.PendingWrites. What they do then
// differs:
//
//   - a typed object may be replaced, kept, or collected with its owner; of any
//     kind nothing is known by which to replace it, and no owner reference is set
//   - a typed object is created by POST; any other by an apply, which is withdrawn
//     where another client was first (see pass.create)
//   - drift of a typed object is told by the server's record and by values; here by
//     the record alone, since the watches hold no more than metadata
//   - a typed object that is missing in a cache is missing; here it may be hidden
//     from the account, or be known from the inventory alone, and is read
//
// For the same reason the object cache is none of store's resources: it is of one
// resource instance and many kinds, as one account sees them, and remembers health
// instead of objects. It only saves requests.
package applier
