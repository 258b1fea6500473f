package v1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TrustDomain groups services and their resources together into a Kubernetes
// namespace, and decides who may put resources there and with which rights.
//
// +genclient
// +genclient:nonNamespaced
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=td,categories=xos
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Namespace",type=string,JSONPath=`.status.namespace`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Owner",type=string,JSONPath=`.spec.owner`,priority=1
// +kubebuilder:printcolumn:name="Admits",type=string,JSONPath=`.spec.allowedNamespaces.from`,priority=1
// +kubebuilder:printcolumn:name="Managed",type=boolean,JSONPath=`.spec.xosManaged`,priority=1
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`,priority=1
// +kubebuilder:printcolumn:name="Message",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].message`,priority=1
// +kubebuilder:selectablefield:JSONPath=`.spec.owner`
// +kubebuilder:selectablefield:JSONPath=`.spec.xosManaged`
// +kubebuilder:validation:XValidation:rule="has(self.spec.__namespace__) || self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",message="the name becomes the namespace's: at most 63 lower-case letters, digits and '-'; or write another one in spec.namespace",fieldPath=".metadata"
type TrustDomain struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state.
	// +optional
	// +kubebuilder:default={}
	Spec TrustDomainSpec `json:"spec,omitempty"`

	// status is the last observed state.
	// +optional
	// +default={"observedGeneration": -1}
	Status TrustDomainStatus `json:"status,omitempty"`
}

// TrustDomainSpec is the desired state of a trust domain.
//
// +kubebuilder:validation:XValidation:rule="has(self.__namespace__) == has(oldSelf.__namespace__) && (!has(self.__namespace__) || self.__namespace__ == oldSelf.__namespace__)",message="namespace can't change: delete this trust domain and create it with the other namespace",fieldPath=".namespace"
type TrustDomainSpec struct {
	Lifecycle `json:",inline"`

	// owner is the KubernetesService that is partitioned by this trust domain.
	// It can't change. Defaults to kubernetes, the cluster XOS runs in. Until it
	// exists, Ready is False with reason ReferenceNotFound.
	// +optional
	// +kubebuilder:default=kubernetes
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="owner can't change: delete this object and create it with the other owner"
	Owner ObjectName `json:"owner,omitempty"`

	// namespace is the name of the Kubernetes namespace. It can't change.
	// Defaults to the name of the trust domain. One that exists already is only
	// adopted where adopt says so, and then deleted with the trust domain only
	// where deletionPolicy is explicitly Delete. The namespace default is never
	// deleted. The namespaces kube-* are Kubernetes' own: a trust domain that
	// is managed can't correspond to one, and no native object is created
	// there.
	// +optional
	Namespace NamespaceName `json:"namespace,omitempty"`

	// labels to put on the namespace. A label that is removed here is removed
	// from the namespace too. Labels by which Kubernetes, XOS or a deployment
	// tool recognizes its objects are refused; the pod-security ones are set by
	// podSecurity.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="a label's key is a name of at most 63 letters, digits, '-', '_' and '.', if need be after a domain and '/'"
	// +kubebuilder:validation:XValidation:rule="!self.exists(k, k.startsWith('pod-security.kubernetes.io/'))",message="the Pod Security labels are set by podSecurity: write the level there"
	// +kubebuilder:validation:XValidation:rule="!self.exists(k, k in ['app.kubernetes.io/instance', 'app.kubernetes.io/managed-by'] || ['xos.opencord.org/', 'kubernetes.io/', 'kubectl.kubernetes.io/', 'argocd.argoproj.io/', 'kustomize.toolkit.fluxcd.io/', 'helm.toolkit.fluxcd.io/', 'helm.sh/', 'meta.helm.sh/'].exists(p, k.startsWith(p)))",message="a label by which Kubernetes, XOS or a deployment tool knows its own can't be given to the namespace: leave it out"
	// +kubebuilder:validation:XValidation:rule="self.all(k, self[k].matches('^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$'))",message="a label's value has letters, digits, '-', '_' and '.', with a letter or digit at both ends"
	Labels map[string]string `json:"labels,omitempty"`

	// annotations to put on the namespace. Those by which Kubernetes, XOS or a
	// deployment tool recognizes its objects are refused.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.size() <= 317 && k.matches('^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$'))",message="an annotation's key is a name of at most 63 letters, digits, '-', '_' and '.', if need be after a domain and '/'"
	// +kubebuilder:validation:XValidation:rule="!self.exists(k, ['xos.opencord.org/', 'kubernetes.io/', 'kubectl.kubernetes.io/', 'argocd.argoproj.io/', 'kustomize.toolkit.fluxcd.io/', 'helm.toolkit.fluxcd.io/', 'helm.sh/', 'meta.helm.sh/'].exists(p, k.startsWith(p)))",message="an annotation by which Kubernetes, XOS or a deployment tool knows its own can't be given to the namespace: leave it out"
	// +kubebuilder:validation:XValidation:rule="self.map(k, k.size() + self[k].size()).sum() <= 262144",message="annotations together must not have more than 256 KiB"
	Annotations map[string]string `json:"annotations,omitempty"`

	// podSecurity is the Pod Security Standard that the namespace enforces on
	// its pods: privileged, baseline or restricted. A change of the native
	// label by another client is reverted. If omitted, the namespace enforces
	// baseline: privileged has to be explicit.
	// +optional
	PodSecurity PodSecurityLevel `json:"podSecurity,omitempty"`

	// allowedNamespaces decides from which namespaces resources may use this
	// trust domain. Defaults to the trust domain's own namespace.
	// +optional
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`

	// adoption decides which native objects the domain's custom resources may
	// adopt with spec.adopt. None: only those that consent themselves, by the
	// annotation xos.opencord.org/adoptable: "true". Workloads: pods and their
	// controllers as well. All: any, except ServiceAccounts, which must consent
	// themselves, and what Kubernetes maintains in each namespace, which is
	// never adopted. An adopted object is deleted under the same conditions.
	// Defaults to None.
	// +optional
	Adoption DomainAdoption `json:"adoption,omitempty"`

	// allowedRoles are the names of the ClusterRoles that principals of this
	// trust domain may be bound to, in its namespace only. A binding to a role
	// that is removed is deleted, also where the principal is suspended.
	// Defaults to none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	AllowedRoles []RoleName `json:"allowedRoles,omitempty"`

	// allowedPriorityClasses are the names of PriorityClasses beginning with
	// "system-" that templates of this trust domain's pods may use. Such pods
	// preempt others and are evicted last. Other PriorityClasses need not be
	// listed. Defaults to none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	AllowedPriorityClasses []ObjectName `json:"allowedPriorityClasses,omitempty"`
}

// DomainAdoption decides what may be adopted in a trust domain.
//
// +kubebuilder:validation:Enum=None;Workloads;All
type DomainAdoption string

const (
	// DomainAdoptionNone consents to no adoption. It is what an empty value means.
	DomainAdoptionNone DomainAdoption = "None"
	// DomainAdoptionWorkloads consents to that of pods and their controllers.
	DomainAdoptionWorkloads DomainAdoption = "Workloads"
	// DomainAdoptionAll consents to that of any object but ServiceAccounts.
	DomainAdoptionAll DomainAdoption = "All"
)

// PodSecurityLevel is one of the Pod Security Standards.
//
// +kubebuilder:validation:Enum=privileged;baseline;restricted
type PodSecurityLevel string

const (
	// PodSecurityPrivileged restricts nothing.
	PodSecurityPrivileged PodSecurityLevel = "privileged"
	// PodSecurityBaseline prevents known privilege escalations.
	PodSecurityBaseline PodSecurityLevel = "baseline"
	// PodSecurityRestricted follows current hardening practice.
	PodSecurityRestricted PodSecurityLevel = "restricted"
)

// AllowedNamespaces selects the namespaces whose resources a domain admits.
//
// +kubebuilder:validation:XValidation:rule="(self.from == 'Selector') == has(self.selector)",message="selector says which namespaces: set it when from is Selector, and only then"
type AllowedNamespaces struct {
	// from is Same (only the trust domain's own namespace), All, or Selector
	// (its own and those that selector selects). Defaults to Same.
	// +optional
	// +kubebuilder:default=Same
	From NamespacesFrom `json:"from,omitempty"`

	// selector selects namespaces by their labels. It must be set if from is
	// Selector, and must not be set otherwise.
	// +optional
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn', 'Exists', 'DoesNotExist'])",message="operator must be In, NotIn, Exists or DoesNotExist"
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, (e.operator in ['In', 'NotIn']) == (has(e.values) && e.values.size() > 0))",message="In and NotIn need values, Exists and DoesNotExist must have none"
	Selector *metav1.LabelSelector `json:"selector,omitempty"`
}

// NamespacesFrom decides how namespaces are selected.
//
// +kubebuilder:validation:Enum=Same;All;Selector
type NamespacesFrom string

const (
	// NamespacesFromSame is the domain's own namespace.
	NamespacesFromSame NamespacesFrom = "Same"
	// NamespacesFromAll is all namespaces.
	NamespacesFromAll NamespacesFrom = "All"
	// NamespacesFromSelector is the domain's own namespace and those that a
	// label selector selects.
	NamespacesFromSelector NamespacesFrom = "Selector"
)

// TrustDomainStatus is the observed state of a trust domain.
type TrustDomainStatus struct {
	ObjectStatus `json:",inline"`

	// namespace is the namespace that this trust domain corresponds to.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace,omitempty"`

	// phase of the namespace: Active or Terminating.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	Phase string `json:"phase,omitempty"`
}

// TrustDomainList is a list of trust domains.
//
// +kubebuilder:object:root=true
type TrustDomainList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	// items are the trust domains.
	Items []TrustDomain `json:"items"`
}

// GetLifecycle implements Object.
func (in *TrustDomain) GetLifecycle() Lifecycle { return in.Spec.Lifecycle }

// GetObjectStatus implements Object.
func (in *TrustDomain) GetObjectStatus() *ObjectStatus { return &in.Status.ObjectStatus }
