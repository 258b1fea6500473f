package controllers

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesservices,verbs=list;watch;create
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesservices/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=nodes,verbs=list;watch

// kubernetesServiceController reports on the cluster and counts its objects, and ensures that a
// KubernetesService for it exists.
func kubernetesServiceController(c *cluster.Cluster, info *ClusterInfo, opts reconciler.Options) (reconciler.Controller, error) {
	type xks = *xosv1.KubernetesService
	itself := func(s xks) []string { return []string{s.Name} }
	c.Nodes.AddCounter(ofCluster, ofThisCluster)
	c.Pods.AddCounter(ofCluster, ofThisCluster)
	c.KubernetesServiceInstances.AddCounter(ofCluster, ofThisCluster)
	inner, err := reconciler.New(reconciler.Kind[xks]{
		Resource: c.KubernetesServices,
		References: []reconciler.Reference[xks]{
			reconciler.Watches(c.Nodes, "nodes", itself, ofThisCluster).IgnoreUpdates().Debounce(countDebounce),
			reconciler.Watches(c.Pods.Resource, "pods", itself, ofThisCluster).IgnoreUpdates().Debounce(countDebounce),
			reconciler.Watches(c.KubernetesServiceInstances.Resource, "instances", itself, ofThisCluster).IgnoreUpdates().Debounce(countDebounce),
		},
		Plan: func(s xks, plan *reconciler.Plan[xks]) error {
			if s.Name != xosv1.DefaultKubernetesService {
				return outcome.Refuse(xosv1.ReasonInvalid, "only %q, the cluster that the controllers run in, is known: delete this object", xosv1.DefaultKubernetesService)
			}
			plan.ComputeStatus(func(into xks) outcome.Outcome {
				into.Status.Nodes = int32(c.Nodes.Count(ofCluster, xosv1.DefaultKubernetesService))
				into.Status.Pods = int32(c.Pods.Count(ofCluster, xosv1.DefaultKubernetesService))
				into.Status.Instances = int32(c.KubernetesServiceInstances.Count(ofCluster, xosv1.DefaultKubernetesService))
				return info.report(into)
			})
			return nil
		},
	}, opts)
	if err != nil {
		return nil, err
	}
	return withDefaultService(inner, c)
}

// ofCluster is the index that counts the objects of a kind by their cluster, of which there is
// one.
const ofCluster = "of-cluster"

// ofThisCluster maps each object of a kind to the cluster.
func ofThisCluster[O store.Object](O) []string { return []string{xosv1.DefaultKubernetesService} }

// ensureInterval is the time between two attempts to create the KubernetesService.
const ensureInterval = 5 * time.Second

// defaultService creates the KubernetesService of the own cluster if there is none, at the start
// and after each deletion.
type defaultService struct {
	reconciler.Controller
	cluster *cluster.Cluster
	deleted chan struct{}
}

func withDefaultService(inner reconciler.Controller, c *cluster.Cluster) (reconciler.Controller, error) {
	d := &defaultService{Controller: inner, cluster: c, deleted: make(chan struct{}, 1)}
	return d, c.KubernetesServices.Watch(store.Handler[*xosv1.KubernetesService]{
		Delete: func(*xosv1.KubernetesService, bool) {
			select {
			case d.deleted <- struct{}{}:
			default: // one attempt suffices for any number of deletions
			}
		},
	})
}

func (d *defaultService) Run(ctx context.Context) error {
	go func() {
		if !cache.WaitForCacheSync(ctx.Done(), d.cluster.KubernetesServices.HasSynced) {
			return
		}
		for {
			// Retried until it exists; it returns early only when the context ends.
			_ = wait.PollUntilContextCancel(ctx, ensureInterval, true, d.ensure)
			select {
			case <-ctx.Done():
				return
			case <-d.deleted:
			}
		}
	}()
	return d.Controller.Run(ctx)
}

func (d *defaultService) ensure(ctx context.Context) (done bool, _ error) {
	if _, ok := d.cluster.KubernetesServices.Get(clusterScoped(xosv1.DefaultKubernetesService)); ok {
		return true, nil
	}
	service := &xosv1.KubernetesService{ObjectMeta: metav1.ObjectMeta{Name: xosv1.DefaultKubernetesService}}
	_, err := d.cluster.KubernetesServices.WriteAs(store.ReconcilerWriter, nil).Create(ctx, service)
	if err != nil && !apierrors.IsAlreadyExists(err) {
		klog.FromContext(ctx).Error(err, "The KubernetesService of this cluster could not be created; trying again", "every", ensureInterval)
		return false, nil
	}
	return true, nil
}
