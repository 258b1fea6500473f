package controllers

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=images,verbs=list;watch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=images/status,verbs=patch

// imageController reports for each Image its reference and how many instances run it.
func imageController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	return reconciler.New(reconciler.Kind[*xosv1.Image]{
		Resource: c.Images,
		References: []reconciler.Reference[*xosv1.Image]{
			reconciler.Watches(c.KubernetesServiceInstances.Resource, "instances",
				func(i *xosv1.Image) []string { return []string{i.Name} },
				func(k *xosv1.KubernetesServiceInstance) []string { return named("", k.Spec.Image) }).Debounce(countDebounce),
			reconciler.Watches(c.KubernetesServiceInstances.Resource, "containers",
				func(i *xosv1.Image) []string { return []string{desired.ImageReference(i)} }, containerImages).EveryUpdate().Debounce(countDebounce),
			reconciler.Watches(c.Images.Resource, "twins", cluster.IdentityOf, cluster.IdentityOf),
		},
		Plan: func(i *xosv1.Image, plan *reconciler.Plan[*xosv1.Image]) error {
			plan.ComputeStatus(func(into *xosv1.Image) outcome.Outcome {
				into.Status.Reference = desired.ImageReference(i)
				into.Status.Instances = users(c, i)
				return outcome.Succeeded("recorded")
			})
			return unique(c, i)
		},
	}, opts)
}

// users counts the instances that run an image in any of their containers.
func users(c *cluster.Cluster, i *xosv1.Image) int32 {
	seen := map[types.UID]bool{}
	for _, k := range c.KubernetesServiceInstances.ByIndex(cluster.InstancesByImage, i.Name) {
		seen[k.UID] = true
	}
	for _, k := range c.KubernetesServiceInstances.ByIndex(byContainerImage, desired.ImageReference(i)) {
		seen[k.UID] = true
	}
	return int32(len(seen))
}

// containerImages returns the images that an instance's pod names.
func containerImages(k *xosv1.KubernetesServiceInstance) []string {
	var images []string
	for _, container := range k.Status.Containers {
		if !slices.Contains(images, container.Image) {
			images = append(images, container.Image)
		}
	}
	return images
}

// unique refuses an image that an older object describes already, or one of the same age whose
// name sorts first. A record does not count: it is deleted once the instances that it was created
// for name the declared image.
func unique(c *cluster.Cluster, i *xosv1.Image) error {
	for _, twin := range c.Images.ByIndex(cluster.ImagesByIdentity, desired.IdentityOf(i)) {
		if !xosv1.IsManaged(twin) {
			continue
		}
		older := twin.CreationTimestamp.Before(&i.CreationTimestamp)
		if older || (twin.CreationTimestamp.Equal(&i.CreationTimestamp) && twin.Name < i.Name) {
			return outcome.Refuse(xosv1.ReasonInvalid, "Image %s has the same name, tag and digest: use that one", twin.Name)
		}
	}
	return nil
}
