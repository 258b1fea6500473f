// Package decode reads our custom resources object by object: one that Go can't
// decode, although the API server accepted it, is that object's failure. It takes
// part in all that the API machinery does with an object, as what could be decoded
// of it, and status.Undecodable reports which fields could not. A reader of the cache
// takes nothing of such a spec for what is desired; the reconciler reports it.
//
// What the API server accepts is bounded by the schemas of the CRDs, so that this
// never happens: but for an object that is older than a bound, a bound that was
// missed, or a CRD that another client changed.
//
// The package does no I/O and knows no kind by name.
package decode
