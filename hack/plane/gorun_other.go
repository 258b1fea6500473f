//go:build !linux

package main

// dieWithGoRun does nothing: only Linux can tie a process to its parent's life.
func dieWithGoRun() error { return nil }
