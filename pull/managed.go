package pull

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// managedReconciler reports what stands in the way of inventorying a pod that has the name
// of a managed instance. Of the instance it writes nothing but status.delivery, which the
// first build has left there; all else is its controller's.
type managedReconciler struct {
	instances store.CustomWriter[*xosv1.KubernetesServiceInstance]
	pods      *instancePods
	selector  *podSelector
	events    *podEvents
	// nameConflicts are the UIDs of the pods whose name conflict is reported.
	nameConflicts sync.Map
}

func (m *managedReconciler) reconcile(ctx context.Context, instance *xosv1.KubernetesServiceInstance) error {
	m.checkNameConflict(ctx, instance)
	if !m.events.reported(instance.Status.Delivery) {
		return nil
	}
	after := instance.DeepCopy()
	after.Status.Delivery = nil
	_, err := m.instances.PatchStatus(ctx, instance, after)
	return ignoreNotFound(err)
}

// checkNameConflict reports a pod that is not this managed instance's and has its name.
func (m *managedReconciler) checkNameConflict(ctx context.Context, instance *xosv1.KubernetesServiceInstance) {
	pod, s := m.pods.podFor(cache.MetaObjectToName(instance)), m.selector.selection.Load()
	if pod != nil && pod.UID != record.PodUID(instance) && s.Enabled && m.selector.chosenBy(s, pod) == record.Selected {
		if own := m.pods.podOf(instance); own == nil || own.UID != pod.UID {
			m.reportNameConflict(ctx, pod)
		}
	}
}

// reportNameConflict says, once for each pod, that it can't be inventoried because a
// managed instance has its name.
func (m *managedReconciler) reportNameConflict(ctx context.Context, pod *corev1.Pod) {
	if _, told := m.nameConflicts.LoadOrStore(pod.UID, true); told {
		return
	}
	nameConflictsTotal.Inc()
	klog.FromContext(ctx).Info("A pod is not inventoried: a managed KubernetesServiceInstance has its name and is not its own",
		"pod", klog.KObj(pod))
}
