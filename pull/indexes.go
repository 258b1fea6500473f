package pull

import (
	"iter"
	"slices"

	corev1 "k8s.io/api/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// Indexes by which one object is found from another, beside those of package
// cluster. The names differ from the controllers' own, whose indexes are on the same
// caches. Pods and their records are many: what is looked up of them seldom is counted
// only, and looked for in all of them.
const (
	byPulled          = "pull-pulled" // its only value is xosv1.PulledValue
	byClaimedInstance = "pull-maker"
	byAccount         = "pull-account"
	byImage           = "pull-image"
	byController      = "pull-controller"
	byPrincipal       = "pull-principal"
)

func (p *Puller) addIndexes() {
	p.cluster.Pods.AddIndex(byClaimedInstance, claimedInstance)
	p.cluster.Pods.AddIndex(owners.ByController, owners.ControllerUID[*corev1.Pod])
	p.cluster.Pods.AddCounter(byAccount, accountOf)
	p.cluster.Pods.AddCounter(byImage, identitiesOf)

	p.instances.AddCounter(byPulled, pulledIndex[*xosv1.KubernetesServiceInstance])

	indexPulled(p.slices.Resource)
	p.slices.AddIndex(byPrincipal, func(s *xosv1.Slice) []string { return cluster.Key(s.Namespace, s.Spec.Principal) })
	p.slices.AddIndex(byController, func(s *xosv1.Slice) []string {
		if of, ok := ownership.MirroredBy(s); ok {
			return []string{of.Name.String()}
		}
		return nil
	})

	indexPulled(p.principals.Resource)
	p.principals.AddIndex(byAccount, accountsOf)
	indexPulled(p.trustDomains.Resource)
	indexPulled(p.images.Resource)
}

// indexPulled finds and counts what the pull made of a kind.
func indexPulled[O xosv1.Object](r *store.Resource[O]) {
	r.AddIndex(byPulled, pulledIndex[O])
	r.AddCounter(byPulled, pulledIndex[O])
}

// pulledIndex is the index function of byPulled.
func pulledIndex[O xosv1.Object](o O) []string {
	if record.IsPulled(o) {
		return []string{xosv1.PulledValue}
	}
	return nil
}

// accountOf is the function of the counter byAccount of pods.
func accountOf(pod *corev1.Pod) []string {
	return cluster.Key(pod.Namespace, pod.Spec.ServiceAccountName)
}

// identitiesOf is the function of the counter byImage of pods.
func identitiesOf(pod *corev1.Pod) []string {
	var identities []string
	for _, ref := range record.ImagesOf(pod) {
		identities = append(identities, ref.Identity())
	}
	return identities
}

// counted returns the pods that a counter counts for a value. It goes through all pods where there
// are any, which only rare events justify.
func counted(pods *store.Resource[*corev1.Pod], counter string, values func(*corev1.Pod) []string, value string) iter.Seq[*corev1.Pod] {
	return func(yield func(*corev1.Pod) bool) {
		if pods.Count(counter, value) == 0 {
			return
		}
		for pod := range pods.All() {
			if slices.Contains(values(pod), value) && !yield(pod) {
				return
			}
		}
	}
}

// claimedInstance is the index function of byClaimedInstance: the instance that a pod's
// tracking metadata names, which creatorOf confirms.
func claimedInstance(pod *corev1.Pod) []string {
	if owner, ok := record.ClaimedInstance(pod); ok {
		return []string{owner.Name.String()}
	}
	return nil
}

// accountsOf says which ServiceAccount a principal corresponds to: by namespace
// and name where the principal itself tells the namespace, else by its trust
// domain and name.
func accountsOf(principal *xosv1.Principal) []string {
	if of, ok := ownership.MirroredBy(principal); ok {
		return []string{of.Name.String()}
	}
	if domain := principal.Spec.TrustDomain; domain != "" {
		return []string{accountIn(domain, principal.Name)}
	}
	return cluster.Key(principal.Namespace, principal.Name)
}

// accountIn is the value of byAccount for an account known by its trust domain.
func accountIn(domain, name string) string { return "trustdomain:" + domain + "/" + name }
