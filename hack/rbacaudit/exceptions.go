package main

import "slices"

// exception is why the role has rights that no request in the tests shows.
type exception struct {
	verb string
	// resources are "resource.group"; none for all.
	resources []string
	reason    string
}

// explains says whether the exception is for this right.
func (e exception) explains(r right) bool {
	name := r.resource
	if r.group != "" {
		name += "." + r.group
	}
	return e.verb == r.verb && (len(e.resources) == 0 || slices.Contains(e.resources, name))
}

var exceptions = []exception{
	{
		verb: "list",
		reason: "Caches are filled by watches that begin with what is there. Against a server that does not stream it, " +
			"and when a stream fails, client-go lists.",
	},
	{
		verb: "update",
		resources: []string{
			"kubernetesconfigmaps/finalizers.xos.opencord.org", "kubernetessecrets/finalizers.xos.opencord.org",
			"kubernetesserviceinstances/finalizers.xos.opencord.org", "principals/finalizers.xos.opencord.org",
			"services/finalizers.xos.opencord.org", "trustdomains/finalizers.xos.opencord.org",
		},
		reason: "No request asks for it: where the admission plugin OwnerReferencesPermissionEnforcement is on, as in OpenShift, " +
			"it wants this right of whoever sets an ownerReference that blocks the owner's deletion.",
	},
}
