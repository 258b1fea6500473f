package pull

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// startDebounce is how long a pod without an address is given to get one before its record
// is created, and its changes are gathered until then: a record of a pod that starts at
// once is written once.
const startDebounce = 500 * time.Millisecond

// instanceQueue holds the names of instances to reconcile.
type instanceQueue struct {
	workqueue.TypedRateLimitingInterface[cache.ObjectName]
	cluster  *cluster.Cluster
	resolver *owners.Resolver
	// events publishes what becomes of a pod that may concern an instance.
	events *podEvents
}

// addPod enqueues the instances that may be a pod's: the one of its name, and
// the one that its mark names. Which of them it is, is for reconcile to say.
func (q *instanceQueue) addPod(pod *corev1.Pod) {
	q.events.changed(pod)
	if startsStill(pod) {
		q.AddAfter(cache.MetaObjectToName(pod), startDebounce)
	} else {
		q.Add(cache.MetaObjectToName(pod))
	}
	if claim, ok := record.ClaimedInstance(pod); ok {
		q.Add(claim.Name)
	}
}

// startsStill returns whether a pod is about to get the address that its record shows.
func startsStill(pod *corev1.Pod) bool {
	return pod.Status.PodIP == "" && pod.Status.Phase == corev1.PodPending && pod.DeletionTimestamp == nil
}

func (q *instanceQueue) addPods(index, value string) {
	for _, pod := range q.cluster.Pods.ByIndex(index, value) {
		q.addPod(pod)
	}
}

// addPodsOfImage enqueues the pods with an image of this identity.
func (q *instanceQueue) addPodsOfImage(identity string) {
	for pod := range counted(q.cluster.Pods.Resource, byImage, identitiesOf, identity) {
		q.addPod(pod)
	}
}

// addPodsOfAccount enqueues the pods that run as a ServiceAccount.
func (q *instanceQueue) addPodsOfAccount(account string) {
	for pod := range counted(q.cluster.Pods.Resource, byAccount, accountOf, account) {
		q.addPod(pod)
	}
}

// addClaimed enqueues the pods, after a time, below the controllers whose
// marks name a slice.
func (q *instanceQueue) addClaimed(s *xosv1.Slice, after time.Duration) {
	for _, controllers := range q.resolver.Controllers {
		for _, c := range controllers.ByIndex(owners.ByClaimedSlice, cache.MetaObjectToName(s).String()) {
			q.addBelow(c.GetUID(), owners.MaxOwners, after)
		}
	}
}

// addBelow goes down what FindRoot goes up, no further than that does.
func (q *instanceQueue) addBelow(uid types.UID, links int, after time.Duration) {
	for _, pod := range q.cluster.Pods.ByIndex(owners.ByController, string(uid)) {
		q.AddAfter(cache.MetaObjectToName(pod), after)
	}
	if links == 0 {
		return
	}
	for _, controllers := range q.resolver.Controllers {
		for _, c := range controllers.ByIndex(owners.ByController, string(uid)) {
			q.addBelow(c.GetUID(), links-1, after)
		}
	}
}
