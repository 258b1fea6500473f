// Package store reads and writes the API server, for the controllers and the pull alike.
//
// A Resource is one cache of one kind, with its indexes, counters and handlers. It returns
// the newest version that is known: until the cache has caught up, that is the answer to
// our own last write, so that no pass repeats what it has done. Every write to the API
// server is one of
//
//   - CustomWriter: creates, patches and deletes custom resources, and patches their status
//   - Native: creates, applies, releases and deletes native objects of known kinds
//   - Objects: applies, releases and deletes objects of any kind, as a tenant's account. The
//     applier (controllers/manifest/applier) decides what it writes
//
// A write is reported to every writer but its own; see Writer.
//
// SingleObjects and InformerSet hold informers that are counted by reference. Subpackage
// kinds knows which kinds the cluster serves, and decode has one object that can't be
// decoded fail alone.
package store
