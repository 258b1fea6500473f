// Package kinds knows which kinds the cluster serves, and where, for all parts of the
// process: however many ask for however many kinds, discovery is asked once at a time.
package kinds
