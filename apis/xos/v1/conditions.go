package v1

// Condition types, the same for all kinds. Together with
// status.observedGeneration they follow the kstatus conventions, by which
// Flux, Helm and "kubectl wait" know what to wait for.
const (
	// ConditionReady is True when what the spec declares exists and works, and
	// False otherwise, for the given reason.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the controllers reconcile the spec and
	// proceed by themselves. Otherwise it is absent. It is never True together
	// with Stalled.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when the controllers can't proceed until a
	// person changes something: the spec, or an object in the way. Otherwise it
	// is absent.
	ConditionStalled = "Stalled"
	// ConditionSuspended is True while spec.suspend pauses reconciliation.
	// Ready and Stalled then keep the last result: an object that was neither
	// ready nor stalled has no Ready condition meanwhile, since it is not
	// reconciled. Otherwise it is absent.
	ConditionSuspended = "Suspended"
)

// Condition reasons that kinds share. A kind's own reasons are in its file.
const (
	// ReasonSucceeded goes with Ready=True: all that the spec declares exists
	// and works.
	ReasonSucceeded = "Succeeded"
	// ReasonInventoried goes with Ready=True on objects with xosManaged=false:
	// what they record is managed by another client, and never changed.
	ReasonInventoried = "Inventoried"
	// ReasonInternalError goes with Ready=False: the manager failed over this object.
	// Its log has the trace.
	ReasonInternalError = "InternalError"
	// ReasonSuspended goes with Suspended=True while spec.suspend pauses
	// reconciliation; with Ready=True on an instance while its slice is
	// disabled, and on a port while its service is; and with Stalled=True on a
	// slice while a user has paused the rollout that it waits for.
	ReasonSuspended = "Suspended"
	// ReasonProgressing goes with Reconciling=True while a native object was
	// written and is not ready yet.
	ReasonProgressing = "Progressing"
	// ReasonProgressingWithRetry goes with Reconciling=True after a failure
	// that is retried with growing delays of at most a minute.
	ReasonProgressingWithRetry = "ProgressingWithRetry"
	// ReasonReferenceNotFound goes with Ready=False and Reconciling=True while
	// an object that the spec names does not exist. Its arrival is noticed at
	// once, nothing needs to be done to this object.
	ReasonReferenceNotFound = "ReferenceNotFound"
	// ReasonNotAdmitted goes with Stalled=True: the TrustDomain exists, but its
	// allowedNamespaces, allowedRoles or allowedPriorityClasses refuse what the
	// spec requests, or a Secret of dataFrom may not be copied into it.
	ReasonNotAdmitted = "NotAdmitted"
	// ReasonInvalid goes with Stalled=True: the spec, or the spec together with
	// an object that it names, is invalid. One of them has to change.
	ReasonInvalid = "Invalid"
	// ReasonNotOwned goes with Stalled=True: a native object of that name
	// exists and has another owner, which the message names. It is never
	// changed or deleted; spec.adopt decides when it may be adopted.
	ReasonNotOwned = "NotOwned"
	// ReasonNothingToAdopt goes with Stalled=True: the spec can only adopt an
	// existing native object (adopt: IfUnowned), since it is not sufficient to
	// create one, and none of that name exists. Either complete the spec or
	// create the object, which is noticed within a minute.
	ReasonNothingToAdopt = "NothingToAdopt"
	// ReasonConflict goes with Stalled=True where another field manager holds a
	// field that the spec sets, or another Service a node port, and the message
	// names both; and with Reconciling=True where another client wrote at the
	// same time, and the write is retried.
	ReasonConflict = "Conflict"
	// ReasonGivenUp is the reason of an Event that names resources which are no
	// longer declared and were released, since spec.prune is false.
	ReasonGivenUp = "GivenUp"
	// ReasonForbidden goes with Stalled=True: the API server refused a write
	// because of missing rights or an admission policy.
	ReasonForbidden = "Forbidden"
	// ReasonTerminating goes with Ready=False while the object or its native
	// object is being deleted.
	ReasonTerminating = "Terminating"
	// ReasonFailed goes with Ready=False when the native object itself reports
	// a failure, such as a failed Job, and with Reconciling=True when the API
	// server failed to process a request, which is retried.
	ReasonFailed = "Failed"
)
