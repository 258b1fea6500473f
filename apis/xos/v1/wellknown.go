package v1

// FieldManager is the field manager of every write by XOS, except those of the
// documents of a KubernetesResourceInstance. Their field manager is this name
// followed by ":<namespace>/<name>" of the instance, shortened where it is longer
// than the API allows. The manager's Lease and Events bear this name too.
const FieldManager = "xos-controller-manager"

// Annotations that the controllers write to native objects and to the custom
// resources themselves, or read there.
const (
	// OwnerAnnotation is on every native object that a custom resource made.
	// It leads back to that resource also where an ownerReference can't
	// (another namespace or cluster).
	// Its value is "<kind>/<namespace>/<name>/<uid>" of the custom resource,
	// followed by "/<kind>[.<group>]/<namespace>/<name>" of the native object
	// itself, so that a copy of the object belongs to nobody. A namespace is empty
	// for cluster-scoped kinds. The annotation is a hint: an object is only treated
	// as a custom resource's where that resource places objects.
	OwnerAnnotation = GroupName + "/owner"
	// AppliedAnnotation is on native objects. Its value is a hash of what was
	// last applied, so that an unchanged object costs no request.
	AppliedAnnotation = GroupName + "/applied"
	// AdoptedAnnotation is on native objects that were there before XOS took
	// them over (spec.adopt). They are deleted only where the deletionPolicy is
	// written out as Delete.
	AdoptedAnnotation = GroupName + "/adopted"
	// AdoptableAnnotation on a native object, with the value "true", is the consent
	// of whoever may change it that a custom resource may take it over (spec.adopt),
	// and delete it where its deletionPolicy is written out as Delete.
	AdoptableAnnotation = GroupName + "/adoptable"
	// MirrorsAnnotation is on custom resources that inventory what somebody else
	// made. Its value names the native object:
	// "<kind>.<version>.<group>/<namespace>/<name>/<uid>", as
	// "Deployment.v1.apps/shop/web/<uid>" or "Pod.v1/shop/web-0/<uid>". A value
	// that names another namespace than that of the custom resource is ignored.
	MirrorsAnnotation = GroupName + "/mirrors"
	// FixedAnnotation is on pods that an instance made. Its value is a hash of
	// the part of the spec that can't be changed while the pod lives.
	FixedAnnotation = GroupName + "/fixed"
	// MutableAnnotation is on such pods too. Its value is a hash of the part
	// that a living pod takes in place.
	MutableAnnotation = GroupName + "/mutable"
	// RevisionAnnotation is on the pod template of a slice with rolloutOnChange.
	// Its value is a hash of what the slice's mounts bring into the pods.
	RevisionAnnotation = GroupName + "/revision"
	// IntentAnnotation is on KubernetesResourceInstances. Its value is JSON: the
	// names of the resources that are about to be applied for the first time.
	// It is written together with the finalizer and counts until the status
	// tells the inventory.
	IntentAnnotation = GroupName + "/intent"
	// SharedWithAnnotation is on Secrets. Its value is a comma-separated list of the
	// names of trust domains that the Secret's values may be copied into, by the
	// dataFrom of a KubernetesSecret in the Secret's namespace. Whoever may change
	// the Secret consents by it.
	SharedWithAnnotation = GroupName + "/shared-with"
)

// Finalizers.
const (
	// CleanupFinalizer holds a custom resource until its native objects are
	// deleted or, with deletionPolicy Orphan, released.
	CleanupFinalizer = GroupName + "/cleanup"
	// DeliveryFinalizer was on instances of earlier versions, until Kafka had
	// acknowledged the end of their pods. It is removed wherever it is found.
	DeliveryFinalizer = GroupName + "/delivery"
)

// Labels.
const (
	// SliceLabel is on the pods of a slice. Its value is the slice's name. A
	// trust domain may have slices of one name from several namespaces:
	// NamespaceLabel tells their pods apart.
	SliceLabel = GroupName + "/slice"
	// ServiceLabel is on the pods of a service's slices, and on its native
	// Services. Its value is the service's name; NamespaceLabel goes with it too.
	ServiceLabel = GroupName + "/service"
	// NamespaceLabel is beside SliceLabel and ServiceLabel. Its value is the
	// namespace of the slice and the service, which may be another one than that
	// of the pods.
	NamespaceLabel = GroupName + "/namespace"
	// ControllerKindLabel is on the pods that a slice's native controller makes,
	// beside SliceLabel. Its value is the slice's spec.controllerKind. Pods of
	// instances don't have it: the controller must not take them for its own.
	ControllerKindLabel = GroupName + "/controller-kind"
	// DisabledNodeLabel is what the pods of a disabled slice's DaemonSet demand of
	// their node, with the value "true". No node has it, so there are no such pods.
	DisabledNodeLabel = GroupName + "/disabled"
	// ManagedByLabel is on every native object that a custom resource made.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	// ManagedByValue is the value of ManagedByLabel.
	ManagedByValue = GroupName
	// PulledLabel is on every custom resource that the pull created, with the value
	// PulledValue. Only such objects are ever deleted by the pull, and only while
	// their spec.xosManaged is false and no other field manager has written to them.
	// It is a hint: whoever may write the object may write the label.
	PulledLabel = GroupName + "/pulled"
	// PulledValue is the value of PulledLabel.
	PulledValue = "true"
	// SliceNameLabel on a native controller (a Deployment, ...) overrides the
	// name of the Slice by which it is inventoried. The name is the original
	// XOS's, where charts in use set it.
	SliceNameLabel = "xos_slice_name"
	// PodSecurityEnforceLabel is on the namespace of every trust domain. Its value
	// is the Pod Security Standard that Kubernetes' own admission enforces there.
	PodSecurityEnforceLabel = "pod-security.kubernetes.io/enforce"
)
