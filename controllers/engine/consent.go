package engine

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// Consent says whose consent it takes to adopt an object of a kind, besides that of
// whoever may change the object and has put xosv1.AdoptableAnnotation on it.
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

// AdoptWith sets whose consent adoption takes; ConsentOfDomain where it is not set.
func (n *Native[O, A]) AdoptWith(consent Consent) *Native[O, A] {
	n.consent = consent
	return n
}

// NeverAdopt names objects that are not adopted whoever consents, because a part of
// Kubernetes keeps them.
func (n *Native[O, A]) NeverAdopt(kept func(o O) bool) *Native[O, A] {
	n.kept = kept
	return n
}

// consented returns whether an object may be adopted, and deleted once it was, where
// the trust domain's policy is this one.
func (n *Native[O, A]) consented(o O, policy xosv1.DomainAdoption) bool {
	if n.kept(o) {
		return false
	}
	if o.GetAnnotations()[xosv1.AdoptableAnnotation] == "true" || n.consent == ConsentOfOwner {
		return true
	}
	switch policy {
	case xosv1.DomainAdoptionAll:
		return n.consent != ConsentOfObject
	case xosv1.DomainAdoptionWorkloads:
		return n.consent == ConsentForWorkloads
	}
	return false
}
