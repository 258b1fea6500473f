// Package inprocess runs the controllers inside a test program, against a real
// API server, with every request under the test's eyes: what was sent, in which
// order, and, where a test wants it, what goes wrong with it.
//
//	manager := inprocess.Start(t, config)
//	mark := manager.Mark()
//	...
//	sent := manager.Since(mark).In(namespace)
//
// A manager that ends ends as in a crash: nothing it had in hand is finished.
//
// Only what runs and watches the controllers may live here, nothing of what a
// test expects of them.
package inprocess
