package controllers

import (
	"fmt"
	"time"

	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
)

// A Principal and a resource instance that acts as it are often deleted together, in
// any order: by the same "kubectl delete -f", or with their namespace. The instance
// needs the account to the last, so a deleted Principal keeps it
//
//   - for companionTime, in which the instances are most likely deleted too
//   - for cleanupTime at most, while instances that are being deleted have
//     something left
//
// After that the rights go, and an instance that still has something left reports it.
const (
	companionTime = 15 * time.Second
	cleanupTime   = 5 * time.Minute
)

// actingInstances is the reference of a Principal to the resource instances that act as
// it.
func actingInstances(c *cluster.Cluster) reconciler.Reference[*xosv1.Principal] {
	return reconciler.WatchesField(c.KubernetesResourceInstances.Resource, byPrincipal,
		func(p *xosv1.Principal) []string { return named(p.Namespace, p.Name) }, principalsOf,
		func(r *xosv1.KubernetesResourceInstance) string { return fmt.Sprint(len(manifest.Inventory(r)) > 0) })
}

// principalInUse returns which resource instance a Principal's account is needed by,
// and for how long at most.
func principalInUse(c *cluster.Cluster, p *xosv1.Principal, now time.Time) (by string, wait time.Duration) {
	for _, r := range c.KubernetesResourceInstances.ByIndex(byPrincipal, cache.MetaObjectToName(p).String()) {
		left := cleanupTime
		switch {
		case p.DeletionTimestamp == nil:
		case len(manifest.Inventory(r)) == 0:
			continue
		case r.DeletionTimestamp == nil:
			left = companionTime - now.Sub(p.DeletionTimestamp.Time)
		default:
			left = cleanupTime - now.Sub(p.DeletionTimestamp.Time)
		}
		if left > wait {
			by, wait = "KubernetesResourceInstance "+r.Name, left
		}
	}
	return by, wait
}
