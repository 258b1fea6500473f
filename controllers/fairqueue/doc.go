// Package fairqueue is the storage of a workqueue in which namespaces take turns, so that the
// objects of one never delay those of another.
package fairqueue
