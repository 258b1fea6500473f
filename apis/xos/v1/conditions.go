package v1

// Condition types, the same for all kinds. Together with
// status.observedGeneration they follow the kstatus conventions, by which
// Flux, Helm and "kubectl wait" know what to wait for.
const (
	// ConditionReady is True when what the spec asks for exists and works.
	// It is False while that is not so, for the reason given.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the controllers still work on the
	// spec and will go on by themselves. Otherwise it is absent. It is never
	// True together with Stalled.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when the controllers can't go on until a person
	// changes something: the spec, or an object in the way. Otherwise it is
	// absent.
	ConditionStalled = "Stalled"
	// ConditionSuspended is True while spec.suspend holds the controllers back.
	// Ready and Stalled then say what was found last: an object that was neither
	// ready nor stalled has no Ready condition meanwhile, since nobody works on it.
	// Otherwise it is absent.
	ConditionSuspended = "Suspended"
)

// Condition reasons that kinds share. A kind's own reasons are in its file.
const (
	// ReasonSucceeded goes with Ready=True: all that the spec asks for exists
	// and works.
	ReasonSucceeded = "Succeeded"
	// ReasonInventoried goes with Ready=True on objects with xosManaged=false:
	// what they tell of is kept by somebody else, and not touched.
	ReasonInventoried = "Inventoried"
	// ReasonInternalError goes with Ready=False: the manager failed over this object.
	// Its log has the trace.
	ReasonInternalError = "InternalError"
	// ReasonSuspended goes with Suspended=True while spec.suspend holds the
	// controllers back; with Ready=True on an instance while its slice is disabled,
	// and on a port while its service is; and with Stalled=True on a slice while
	// somebody has paused the rollout that it waits for.
	ReasonSuspended = "Suspended"
	// ReasonProgressing goes with Reconciling=True while a native object was
	// written and has not become ready yet.
	ReasonProgressing = "Progressing"
	// ReasonProgressingWithRetry goes with Reconciling=True after a failure
	// that is retried with growing delays of at most a minute.
	ReasonProgressingWithRetry = "ProgressingWithRetry"
	// ReasonReferenceNotFound goes with Ready=False and Reconciling=True while
	// an object that the spec names does not exist. Its arrival is noticed at
	// once, nothing needs to be done to this object.
	ReasonReferenceNotFound = "ReferenceNotFound"
	// ReasonNotAdmitted goes with Stalled=True: the
	// TrustDomain exists, but its allowedNamespaces, allowedRoles or
	// allowedPriorityClasses refuse what the spec asks for, or a Secret of
	// dataFrom may not be copied into it.
	ReasonNotAdmitted = "NotAdmitted"
	// ReasonInvalid goes with Stalled=True: the spec, or the spec together
	// with an object that it names, has no meaning. One of them has to change.
	ReasonInvalid = "Invalid"
	// ReasonNotOwned goes with Stalled=True: a native object of that name
	// exists and is somebody else's; the message says whose. It is never
	// changed nor deleted; spec.adopt says when it may be taken over.
	ReasonNotOwned = "NotOwned"
	// ReasonNothingToAdopt goes with Stalled=True: the spec only keeps a native
	// object that is there already (adopt: IfUnowned), since it says too little
	// to have one made, and there is none of that name. Either the spec has to
	// say more, or somebody has to make the object, which is noticed within a
	// minute.
	ReasonNothingToAdopt = "NothingToAdopt"
	// ReasonConflict goes with Stalled=True where another field manager holds a
	// field that the spec sets, or another Service a node port, and the message
	// names both; and with Reconciling=True where somebody else wrote at the same
	// time, and it is tried again.
	ReasonConflict = "Conflict"
	// ReasonGivenUp is that of an Event, which tells of resources that are declared
	// no longer and were given up, since spec.prune is false.
	ReasonGivenUp = "GivenUp"
	// ReasonForbidden goes with Stalled=True: the API server refused a write
	// for want of rights or by an admission policy.
	ReasonForbidden = "Forbidden"
	// ReasonTerminating goes with Ready=False while the object or what it made
	// is being deleted.
	ReasonTerminating = "Terminating"
	// ReasonFailed goes with Ready=False when the native object itself reports
	// a failure, such as a failed Job, and with Reconciling=True when the API
	// server did not do what it was asked, and is asked again.
	ReasonFailed = "Failed"
)
