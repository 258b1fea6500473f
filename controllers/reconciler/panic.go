package reconciler

// panicError is the error of a pass that panicked. Its text holds no value from the object: the
// recovered value is only logged.
type panicError struct{ thrown any }

// Error implements error.
func (panicError) Error() string {
	return "an internal error: the manager's log has its trace; the object is tried again every minute, and others go on"
}
