package pull

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/engine"
)

// Indexes by which one object is found from another. The names differ from the
// controllers' own, whose indexes are on the same caches.
const (
	byPulled     = "pull-pulled"
	byMaker      = "pull-maker"
	byAccount    = "pull-account"
	byImage      = "pull-image"
	bySlice      = "pull-slice"
	byController = "pull-controller"
	byPrincipal  = "pull-principal"
	byNamespace  = "pull-namespace"

	// pulledValue is the value of PulledLabel, and the only one in byPulled.
	pulledValue = "true"
)

func (p *Puller) addIndexes() {
	p.cluster.Pods.AddIndex(byMaker, makerOf)
	p.cluster.Pods.AddIndex(byAccount, func(pod *corev1.Pod) []string { return referent(pod.Namespace, pod.Spec.ServiceAccountName) })
	p.cluster.Pods.AddIndex(byOwner, controllerUID[*corev1.Pod])
	p.cluster.Pods.AddIndex(byImage, func(pod *corev1.Pod) []string {
		var identities []string
		for _, ref := range imagesOf(pod) {
			identities = append(identities, ref.identity())
		}
		return identities
	})

	p.instances.AddIndex(byPulled, pulledIndex[*xosv1.KubernetesServiceInstance])
	p.instances.AddIndex(bySlice, func(i *xosv1.KubernetesServiceInstance) []string { return referent(i.Namespace, i.Spec.Slice) })
	p.instances.AddIndex(byImage, func(i *xosv1.KubernetesServiceInstance) []string { return referent("", i.Spec.Image) })

	p.slices.AddIndex(byPulled, pulledIndex[*xosv1.Slice])
	p.slices.AddIndex(byPrincipal, func(s *xosv1.Slice) []string { return referent(s.Namespace, s.Spec.Principal) })
	p.slices.AddIndex(byController, func(s *xosv1.Slice) []string {
		if of, ok := engine.MirroredBy(s); ok {
			return []string{of.Name.String()}
		}
		return nil
	})

	p.principals.AddIndex(byPulled, pulledIndex[*xosv1.Principal])
	p.principals.AddIndex(byAccount, accountsOf)
	p.trustDomains.AddIndex(byPulled, pulledIndex[*xosv1.TrustDomain])
	p.trustDomains.AddIndex(byNamespace, func(d *xosv1.TrustDomain) []string { return []string{namespaceOf(d)} })
	p.images.AddIndex(byPulled, pulledIndex[*xosv1.Image])
	p.images.AddIndex(byImage, func(i *xosv1.Image) []string {
		return []string{imageRef{i.Spec.Name, i.Spec.Tag, i.Spec.Digest}.identity()}
	})
}

// pulledIndex is the index function of byPulled.
func pulledIndex[O xosv1.Object](o O) []string {
	if isPulled(o) {
		return []string{pulledValue}
	}
	return nil
}

// referent is the key of what a name refers to, or nothing where none is named.
func referent(namespace, name string) []string {
	if name == "" {
		return nil
	}
	return []string{cache.NewObjectName(namespace, name).String()}
}

func makerOf(pod *corev1.Pod) []string {
	if owner, ok := madeBy(pod); ok {
		return []string{owner.Name.String()}
	}
	return nil
}

// accountsOf says which ServiceAccount a principal corresponds to: by namespace
// and name where the principal itself tells the namespace, else by its trust
// domain and name.
func accountsOf(principal *xosv1.Principal) []string {
	if of, ok := engine.MirroredBy(principal); ok {
		return []string{of.Name.String()}
	}
	if domain := principal.Spec.TrustDomain; domain != "" {
		return []string{accountIn(domain, principal.Name)}
	}
	return referent(principal.Namespace, principal.Name)
}

// accountIn is the value of byAccount for an account known by its trust domain.
func accountIn(domain, name string) string { return "trustdomain:" + domain + "/" + name }
