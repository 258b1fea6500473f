package controllers

import (
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// sharedCaches are those that the plan of any kind may read: all custom resources,
// since references lead on from one to the next, and the namespaces that they are
// placed in. No controller works before they are filled.
//
// Every other cache is read by those kinds alone that declare what it holds as
// owned or referred to, and only they wait for it: where the server does not let
// it be filled, for want of a right or of the kind, the others go on.
func sharedCaches(c *cluster.Cluster) []store.Cache {
	return []store.Cache{
		c.KubernetesServices, c.Sites, c.Images, c.TrustDomains, c.Principals, c.Slices, c.KubernetesServiceInstances,
		c.KubernetesConfigMaps, c.KubernetesSecrets, c.KubernetesConfigVolumeMounts, c.KubernetesSecretVolumeMounts,
		c.KubernetesResourceInstances, c.Services, c.ServicePorts, c.Namespaces,
	}
}
