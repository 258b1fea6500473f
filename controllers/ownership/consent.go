package ownership

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// Consent is whose consent the adoption of an object of a kind requires, besides that of a
// client that may change the object and has put xosv1.AdoptableAnnotation on it.
type Consent int

const (
	// ConsentOfDomain: the trust domain's spec.adoption is All.
	ConsentOfDomain Consent = iota
	// ConsentForWorkloads: the trust domain's spec.adoption is Workloads or All.
	ConsentForWorkloads
	// ConsentOfObject: no one else's. The annotation alone counts.
	ConsentOfObject
	// ConsentOfOwner: the custom resource's own. Only the operator can write it.
	ConsentOfOwner
)

// alternative names, for a person, who else could consent.
func (c Consent) alternative() string {
	switch c {
	case ConsentOfDomain:
		return ", or have the operator set spec.adoption of the trust domain to All"
	case ConsentForWorkloads:
		return ", or have the operator set spec.adoption of the trust domain to Workloads"
	}
	return ""
}

// AdoptionRule selects which objects of a kind may be adopted. The zero rule takes the
// consent of the trust domain or of the object.
type AdoptionRule struct {
	Consent Consent
	// Kept, where not nil, names objects that are not adopted despite any consent,
	// because a part of Kubernetes keeps them.
	Kept func(o metav1.Object) bool
	// Shared means that what others declared of such an object stays with them: it is
	// theirs as much as ours.
	Shared bool
}

// Allows returns whether an object may be adopted, and deleted once it was, where the
// trust domain's policy is this one.
func (r AdoptionRule) Allows(o metav1.Object, policy xosv1.DomainAdoption) bool {
	if r.keeps(o) {
		return false
	}
	if o.GetAnnotations()[xosv1.AdoptableAnnotation] == "true" || r.Consent == ConsentOfOwner {
		return true
	}
	switch policy {
	case xosv1.DomainAdoptionAll:
		return r.Consent != ConsentOfObject
	case xosv1.DomainAdoptionWorkloads:
		return r.Consent == ConsentForWorkloads
	}
	return false
}

// Check is Allows with the reason, for a person, why an object may not be adopted.
// what names the object.
func (r AdoptionRule) Check(what string, o metav1.Object, policy xosv1.DomainAdoption) error {
	switch {
	case r.keeps(o):
		return outcome.Obstruct(xosv1.ReasonNotOwned, "%s is kept by Kubernetes itself and never adopted: give this object another name", what)
	case !r.Allows(o, policy):
		return outcome.Obstruct(xosv1.ReasonNotOwned,
			"%s exists, and nobody has consented to its adoption: have it annotated with %s: \"true\" by somebody who may change it%s",
			what, xosv1.AdoptableAnnotation, r.Consent.alternative())
	}
	return nil
}

func (r AdoptionRule) keeps(o metav1.Object) bool { return r.Kept != nil && r.Kept(o) }
