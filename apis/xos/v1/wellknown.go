package v1

// FieldManager is the field manager of every write by XOS, except those of the
// documents of a KubernetesResourceInstance. Their field manager is this name
// followed by ":<namespace>/<name>" of the instance, shortened where it is longer
// than the API allows. The manager's Lease and Events bear this name too.
const FieldManager = "xos-controller-manager"

// Annotations that the controllers write to native objects and to the custom
// resources themselves, or read there.
const (
	// OwnerAnnotation is on every native object of a custom resource, and refers to
	// that resource also where an owner reference can't: in another namespace.
	// Its value is "<kind>/<namespace>/<name>/<uid>" of the custom resource,
	// followed by "/<kind>[.<group>]/<namespace>/<name>" of the native object
	// itself, so that a copy of the object has no owner. A namespace is empty for
	// cluster-scoped kinds. The annotation is a hint: an object counts as a custom
	// resource's only where that resource places objects.
	OwnerAnnotation = GroupName + "/owner"
	// AppliedAnnotation is on native objects. Its value is a hash of what was
	// last applied, so that an unchanged object costs no request.
	AppliedAnnotation = GroupName + "/applied"
	// AdoptedAnnotation is on native objects that existed before XOS adopted
	// them (spec.adopt). They are deleted only where the deletionPolicy is
	// explicitly Delete.
	AdoptedAnnotation = GroupName + "/adopted"
	// AdoptableAnnotation on a native object, with the value "true", is the consent
	// of a client that may change it: a custom resource may adopt the object
	// (spec.adopt), and delete it where its deletionPolicy is explicitly Delete.
	AdoptableAnnotation = GroupName + "/adoptable"
	// MirrorsAnnotation is on custom resources that inventory what another client
	// created. Its value names the native object:
	// "<kind>.<version>.<group>/<namespace>/<name>/<uid>", such as
	// "Deployment.v1.apps/shop/web/<uid>" or "Pod.v1/shop/web-0/<uid>". A value
	// that names another namespace than that of the custom resource is ignored.
	MirrorsAnnotation = GroupName + "/mirrors"
	// FixedAnnotation is on pods and workloads that XOS created. Its value is a hash
	// of the part of the spec that can't be changed in place.
	FixedAnnotation = GroupName + "/fixed"
	// MutableAnnotation is on pods that an instance created. Its value is a hash of
	// the part of the spec that a running pod accepts in place.
	MutableAnnotation = GroupName + "/mutable"
	// RevisionAnnotation is on the pod template of a slice with rolloutOnChange.
	// Its value is a hash of the content that the slice's mounts add to the pods.
	RevisionAnnotation = GroupName + "/revision"
	// IntentAnnotation is on KubernetesResourceInstances. Its value is JSON: the
	// names of the resources that are about to be applied for the first time.
	// It is written together with the finalizer and counts until the status has an
	// inventory.
	IntentAnnotation = GroupName + "/intent"
	// SharedWithAnnotation is on Secrets. Its value is a comma-separated list of the
	// names of trust domains that the Secret's values may be copied into, by the
	// dataFrom of a KubernetesSecret in the Secret's namespace. A client that may
	// change the Secret consents by it.
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
	// PendingEventLabel is on the ConfigMaps in the manager's namespace that keep the end of
	// a pod while Kafka is away. Its value is "true".
	PendingEventLabel = GroupName + "/pending-event"
	// SliceLabel is on the pods of a slice. Its value is the slice's name. A
	// trust domain may have slices of one name from several namespaces:
	// NamespaceLabel distinguishes their pods.
	SliceLabel = GroupName + "/slice"
	// ServiceLabel is on the pods of a service's slices, and on its native
	// Services. Its value is the service's name. NamespaceLabel accompanies it.
	ServiceLabel = GroupName + "/service"
	// NamespaceLabel accompanies SliceLabel and ServiceLabel. Its value is the
	// namespace of the slice and the service, which may differ from that of the
	// pods.
	NamespaceLabel = GroupName + "/namespace"
	// ControllerKindLabel is on the pods that a slice's native controller creates,
	// beside SliceLabel. Its value is the slice's spec.controllerKind. Pods of
	// instances don't have it: the controller must not adopt them.
	ControllerKindLabel = GroupName + "/controller-kind"
	// DisabledNodeLabel is required of nodes by the DaemonSet of a disabled slice,
	// with the value "true". No node has it, so the DaemonSet has no pods.
	DisabledNodeLabel = GroupName + "/disabled"
	// ManagedByLabel is on every native object of a custom resource.
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
	// SliceNameLabel on a native controller, such as a Deployment, overrides the
	// name of the Slice that inventories it. The key is that of the original XOS,
	// which existing charts set.
	SliceNameLabel = "xos_slice_name"
	// PodSecurityEnforceLabel is on the namespace of every trust domain. Its value
	// is the Pod Security Standard that Kubernetes' own admission enforces there.
	PodSecurityEnforceLabel = "pod-security.kubernetes.io/enforce"
)
