package pull

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// A mark on a pod or a controller is text that whoever writes the object may write.
// The functions of this file say whether it holds: whether the custom resource that
// it names is there, is managed, has that UID, and places native objects where the
// marked object lies. What does not hold marks nothing: the pod is inventoried and
// announced as any other.

// counterparts confirms tracking metadata against the custom resources that it names.
type counterparts struct {
	cluster *cluster.Cluster
	*records
	departed *departures
}

// creatorOf is the instance that made a pod, as the pod's mark says and the instance
// confirms; false for pods of others.
func (c *counterparts) creatorOf(pod *corev1.Pod) (ownership.Owner, bool) {
	claim, ok := record.ClaimedInstance(pod)
	if !ok {
		return ownership.Owner{}, false
	}
	if i, ok := c.instances.Get(claim.Name); ok && i.UID == claim.UID {
		return claim, xosv1.IsManaged(i) && record.TargetsPod(c.cluster, i, pod.Namespace)
	}
	gone, _ := c.departed.of(claim.UID)
	last, ok := gone.(*xosv1.KubernetesServiceInstance)
	return claim, ok && cache.MetaObjectToName(last) == claim.Name && record.TargetsPod(c.cluster, last, pod.Namespace)
}

// createdBySlice says whether the Slice that a controller's mark names confirms that it made
// the controller.
func (c *counterparts) createdBySlice(controller metav1.Object, claim ownership.Owner) bool {
	if s, ok := c.slices.Get(claim.Name); ok && s.UID == claim.UID {
		return xosv1.IsManaged(s) && record.TargetsController(c.cluster, s, controller.GetNamespace())
	}
	gone, _ := c.departed.of(claim.UID)
	last, ok := gone.(*xosv1.Slice)
	return ok && cache.MetaObjectToName(last) == claim.Name && record.TargetsController(c.cluster, last, controller.GetNamespace())
}

// awaited says whether the instance that a pod's mark names is one that the cache is
// still to show. The server is asked where the cache holds none with that UID, which
// is rare: the controllers make a pod only after they have seen its instance.
func (c *counterparts) awaited(ctx context.Context, pod *corev1.Pod) (bool, error) {
	claim, ok := record.ClaimedInstance(pod)
	if !ok {
		return false, nil
	}
	if i, ok := c.instances.Get(claim.Name); ok && i.UID == claim.UID {
		return false, nil
	}
	live, err := c.instances.Read(ctx, claim.Name)
	switch {
	case apierrors.IsNotFound(err):
		_, made := c.creatorOf(pod) // the watch may have shown its end meanwhile
		return made, nil
	case err != nil:
		return false, fmt.Errorf("get the instance %s that the mark of pod %s names: %w", claim.Name, cache.MetaObjectToName(pod), err)
	}
	return live.UID == claim.UID, nil
}
