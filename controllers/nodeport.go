package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// portHolders finds the Services that hold node ports. It asks the server, since the
// holder is most likely none of ours: for all Services at once, and not again within
// a while, whoever asks for whatever port.
type portHolders struct {
	cluster *cluster.Cluster
	clock   clock.PassiveClock

	mu      sync.Mutex
	at      time.Time
	holders map[int32][]*corev1.Service
}

// holdersTTL is how long an answer stands. Whoever finds nobody in it is tried again.
const holdersTTL = 5 * time.Second

// of are the Services that hold a node port, in whatever protocol: for one of their
// ports, or for the health of their load balancer's targets.
func (h *portHolders) of(ctx context.Context, nodePort int32) ([]*corev1.Service, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.holders != nil && h.clock.Since(h.at) < holdersTTL {
		return h.holders[nodePort], nil
	}
	at := h.clock.Now()
	all, err := h.cluster.Kubernetes.CoreV1().Services(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("find out which Service holds it: %w", err)
	}
	h.at, h.holders = at, map[int32][]*corev1.Service{}
	for i := range all.Items {
		s := &all.Items[i]
		store.Trim(s)
		for _, held := range nodePortsOf(s) {
			h.holders[held] = append(h.holders[held], s)
		}
	}
	return h.holders[nodePort], nil
}

// nodePortsOf are the node ports that a Service holds.
func nodePortsOf(s *corev1.Service) []int32 {
	var all []int32
	for _, port := range append([]corev1.ServicePort{{NodePort: s.Spec.HealthCheckNodePort}}, s.Spec.Ports...) {
		if port.NodePort != 0 && !slices.Contains(all, port.NodePort) {
			all = append(all, port.NodePort)
		}
	}
	return all
}

// nodePortTaken says what holds a node port which was refused to one of a service's
// native Services.
func nodePortTaken(ctx context.Context, h *portHolders, in desired.ServiceInput, refused desired.NativeService, err error) error {
	if refused.Exposure != xosv1.ExposureNodePort || !apistatus.Allocated(err) {
		return err
	}
	itself := cache.NewObjectName(in.Namespace, *refused.Configuration.GetName())
	for _, p := range in.Ports {
		if p.Spec.ExternalPort == nil || desired.ExposureOf(p) != xosv1.ExposureNodePort {
			continue
		}
		holders, listErr := h.of(ctx, *p.Spec.ExternalPort)
		if listErr != nil { // no watch tells when the port is free, whoever holds it
			return errors.Join(outcome.Obstruct(xosv1.ReasonConflict, "%v", apistatus.Redact(err, nil)), listErr)
		}
		for _, holder := range holders {
			if cache.MetaObjectToName(holder) != itself {
				return outcome.Obstruct(xosv1.ReasonConflict, "node port %d of ServicePort %s is held by %s: take another spec.externalPort",
					*p.Spec.ExternalPort, p.Name, portHolder(ctx, in.Service, holder))
			}
		}
	}
	return outcome.Retry(xosv1.ReasonConflict, "%v; no Service holds it, so its last holder has just gone: trying again", apistatus.Redact(err, nil))
}

// portHolder describes the Service that holds a node port for who wrote a service. One
// of another namespace is told to the operator alone, in the log.
func portHolder(ctx context.Context, asking *xosv1.Service, holder *corev1.Service) string {
	owner, ours := ownership.OwnerOf(holder, nativeServiceKind)
	if holder.Namespace == asking.Namespace || (ours && owner.Name.Namespace == asking.Namespace) {
		return "Service " + cache.MetaObjectToName(holder).String()
	}
	klog.FromContext(ctx).Info("A node port is held by a Service of another namespace", "service", klog.KObj(asking), "holder", klog.KObj(holder))
	return "an object in another namespace"
}
