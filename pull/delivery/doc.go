// Package delivery sends the pending events of pods through a Publisher, and keeps what
// is known of their delivery and not yet written into any status.
package delivery
