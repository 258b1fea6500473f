package controllers

import (
	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesnodes,verbs=list;watch

// kubernetesNodeController leaves each KubernetesNode to the pull: all of them are records.
func kubernetesNodeController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	return reconciler.New(reconciler.Kind[*xosv1.KubernetesNode]{
		Resource:           c.KubernetesNodes,
		PullKeepsInventory: true,
		Plan:               func(*xosv1.KubernetesNode, *reconciler.Plan[*xosv1.KubernetesNode]) error { return nil },
	}, opts)
}
