package reconciler

// panicError is the error of a pass that panicked. Its text holds no value that the
// object may have brought along: what was thrown goes to the log alone.
type panicError struct{ thrown any }

// Error implements error.
func (panicError) Error() string {
	return "an internal error: the manager's log has its trace; the object is tried again every minute, and others go on"
}
