package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/refusal"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// nodePortTaken says what holds a node port which was refused to one of a service's
// native Services. It asks the server, since the holder is most likely none of ours.
func nodePortTaken(ctx context.Context, c *cluster.Cluster, in desired.ServiceInput, refused desired.NativeService, err error) error {
	if refused.Exposure != xosv1.ExposureNodePort || !refusal.Allocated(err) {
		return err
	}
	all, listErr := c.Kubernetes.CoreV1().Services(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if listErr != nil { // no watch tells when the port is free, whoever holds it
		return errors.Join(verdict.Obstruct(xosv1.ReasonConflict, "%v", refusal.Shown(err, nil)), fmt.Errorf("find out which Service holds it: %w", listErr))
	}
	itself := cache.NewObjectName(in.Namespace, *refused.Configuration.GetName())
	for _, p := range in.Ports {
		if p.Spec.ExternalPort == nil || desired.ExposureOf(p) != xosv1.ExposureNodePort {
			continue
		}
		for i := range all.Items {
			if holder := cache.MetaObjectToName(&all.Items[i]); holder != itself && holds(&all.Items[i], *p.Spec.ExternalPort) {
				return verdict.Obstruct(xosv1.ReasonConflict, "node port %d of ServicePort %s is held by %s: take another spec.externalPort",
					*p.Spec.ExternalPort, p.Name, portHolder(ctx, in.Service, &all.Items[i]))
			}
		}
	}
	return verdict.Retry(xosv1.ReasonConflict, "%v; no Service holds it, so its last holder has just gone: trying again", refusal.Shown(err, nil))
}

// portHolder describes the Service that holds a node port for who wrote a service. One
// of another namespace is told to the operator alone, in the log.
func portHolder(ctx context.Context, asking *xosv1.Service, holder *corev1.Service) string {
	owner, ours := engine.OwnerOf(holder, schema.GroupKind{Kind: "Service"})
	if holder.Namespace == asking.Namespace || (ours && owner.Name.Namespace == asking.Namespace) {
		return "Service " + cache.MetaObjectToName(holder).String()
	}
	klog.FromContext(ctx).Info("A node port is held by a Service of another namespace", "service", klog.KObj(asking), "holder", klog.KObj(holder))
	return "an object in another namespace"
}

// holds says whether a Service has a node port, in whatever protocol: for one of
// its ports, or for the health of its load balancer's targets.
func holds(s *corev1.Service, nodePort int32) bool {
	return s.Spec.HealthCheckNodePort == nodePort ||
		slices.ContainsFunc(s.Spec.Ports, func(p corev1.ServicePort) bool { return p.NodePort == nodePort })
}
