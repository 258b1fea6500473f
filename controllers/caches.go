package controllers

import (
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// sharedCaches returns the caches that the plan of any kind may read: all custom resources, since
// references lead from one to the next, and the namespaces that their native objects go to. No
// controller starts before they are filled.
//
// Every other cache is read only by the kinds that declare its objects as owned or referenced, and
// only they wait for it: where the server does not let it be filled, because a right or the kind
// is missing, the other kinds still work.
func sharedCaches(c *cluster.Cluster) []store.Cache {
	return []store.Cache{
		c.KubernetesServices, c.Sites, c.Images, c.TrustDomains, c.Principals, c.Slices, c.KubernetesServiceInstances,
		c.KubernetesConfigMaps, c.KubernetesSecrets, c.KubernetesConfigVolumeMounts, c.KubernetesSecretVolumeMounts,
		c.KubernetesResourceInstances, c.Services, c.ServicePorts, c.Namespaces,
	}
}
