// Package engine is the reconcile loop, written once for all kinds.
//
// A kind describes itself as a Kind: what it refers to, what it owns, and a
// plan that makes the wanted native objects out of a custom resource. The
// engine does the rest, always in the same order:
//
//	custom resource -> plan (references out of caches) -> converge -> verdict -> status
//
// Its rules, each held by a test:
//
//   - caches answer every question; a request is sent only to write, or where a
//     write was refused in a way that no cache explains
//   - a creation is one write, a change one write (the first one of an object
//     two, see claimFields), a status one write; nothing changed, nothing sent
//   - what exists and is not ours is never changed and never deleted; deletes
//     carry the UID they mean
//   - each step may be run again, after a crash and beside a second leader
//
// The package knows no kind of the API by name and may not import the kinds'
// controllers.
package engine
