package controllers

import (
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/engine"
)

// makers is the list of all kinds. The rest of the program needs no other
// mention of a kind; a test compares the list with the API's scheme.
var makers = []func(*cluster.Cluster, engine.Options) (engine.Controller, error){
	kubernetesServiceController,
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

// All makes the controllers of all kinds. It does no I/O; the cluster must not
// have been started.
func All(c *cluster.Cluster, opts engine.Options) ([]engine.Controller, error) {
	addIndexes(c)
	opts.Shared = sharedCaches(c)
	all := make([]engine.Controller, 0, len(makers))
	for _, make := range makers {
		controller, err := make(c, opts)
		if err != nil {
			return nil, err
		}
		all = append(all, controller)
	}
	return all, nil
}
