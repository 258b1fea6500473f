package controllers

import (
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
)

// kinds is the list of all kinds but the KubernetesService, which reports on the cluster
// itself. The rest of the program needs no other mention of a kind; a test compares the
// list with the API's scheme.
var kinds = []func(*cluster.Cluster, reconciler.Options) (reconciler.Controller, error){
	kubernetesNodeController,
	siteController,
	imageController,
	trustDomainController,
	principalController,
	sliceController,
	configMapController,
	secretController,
	configMountController,
	secretMountController,
	instanceController,
	resourceInstanceController,
	serviceController,
	servicePortController,
}

// All creates the controllers of all kinds. It does no I/O; the cluster must not have been
// started.
func All(c *cluster.Cluster, info *ClusterInfo, opts reconciler.Options) ([]reconciler.Controller, error) {
	addIndexes(c)
	opts.Shared = sharedCaches(c)
	reporting, err := kubernetesServiceController(c, info, opts)
	if err != nil {
		return nil, err
	}
	all := []reconciler.Controller{reporting}
	for _, newController := range kinds {
		controller, err := newController(c, opts)
		if err != nil {
			return nil, err
		}
		all = append(all, controller)
	}
	return all, nil
}
