package main

import "slices"

// exception is why the role has rights that no request in the tests shows.
type exception struct {
	verb string
	// resources are "resource.group"; none for all.
	resources []string
	reason    string
	// sometimes is set where a test shows the right in one run and not in another.
	sometimes bool
}

// foreign is the group of kinds that only tests have. What an operator grants the
// manager for kinds that it does not know is not in its role, and where nothing is
// granted it does without.
const foreign = "test.xos.opencord.org"

// explains returns whether the exception is for this right.
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
		verb: "get", sometimes: true,
		resources: []string{"configmaps", "namespaces", "pods", "secrets", "services", "serviceaccounts", "rolebindings.rbac.authorization.k8s.io",
			"daemonsets.apps", "deployments.apps", "replicasets.apps", "statefulsets.apps", "cronjobs.batch", "jobs.batch"},
		reason: "A native object is read only where a refused write leaves no other way to know what is in its place.",
	},
	{
		verb: "get", sometimes: true,
		resources: []string{"kubernetesconfigmaps.xos.opencord.org", "kubernetessecrets.xos.opencord.org", "kubernetesserviceinstances.xos.opencord.org",
			"principals.xos.opencord.org", "services.xos.opencord.org", "slices.xos.opencord.org", "trustdomains.xos.opencord.org", "images.xos.opencord.org"},
		reason: "A custom resource is read only where a cache may be behind and much depends on it: before what it owned is created again, " +
			"and before a record is taken from a user.",
	},
	{
		verb: "patch", sometimes: true, resources: []string{"images.xos.opencord.org"},
		reason: "A record of the pull's that a user has written to, and that nothing needs any more, becomes the user's by a patch. " +
			"An Image that somebody declares has its record go before that.",
	},
	{
		verb: "patch", sometimes: true, resources: []string{"events.events.k8s.io"},
		reason: "client-go counts an event that is repeated within minutes in the first one.",
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
