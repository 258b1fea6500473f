// Package reconciler is the reconcile loop, written once for all kinds.
//
// A kind describes itself as a Kind: what it refers to, what it owns, and a plan that
// computes the desired native objects from a custom resource. The loop does the rest,
// always in the same order:
//
//	custom resource -> plan (references from caches) -> apply -> compute status -> patch status
//
// Its rules, each held by a test:
//
//   - caches answer every question; a request is sent only to write, or where a
//     write was refused in a way that no cache explains
//   - a creation is one write, a change one write (the first one of an object
//     two, see store.Native.ClaimFields), a status one write; nothing changed, nothing
//     sent
//   - what exists and is not ours is never changed and never deleted; deletes
//     carry the UID they mean
//   - each step may be run again, after a crash and beside a second leader
//
// The package knows no kind of the API by name and may not import the kinds'
// controllers. What it reads and writes goes through package store.
package reconciler
