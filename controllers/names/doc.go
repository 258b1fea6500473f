// Package names derives names from texts that are no valid names or are too long: a readable part
// and a hash of the whole, so that similar texts do not share a name.
//
// All functions are pure. The package may import apimachinery's rules of names, and nothing else.
package names
