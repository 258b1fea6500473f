// Package names makes names out of texts that are none, or are too long for where
// they go: a readable part and a hash of the whole, so that two texts don't share
// a name for being alike.
//
// Everything here is a pure function of strings. The package may import
// apimachinery's rules of names, and nothing else.
package names
