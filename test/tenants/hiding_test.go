package tenants

import (
	"strings"

	"xos.opencord.org/kubernetes-service/controllers/names"
)

// What there is can't be kept out of the inventory, nor from Kafka: not by objects of
// one's own, and not by what a pod says of itself.

// controlled is a pod that names a controller as its owner.
func controlled(name, kind, controller, uid string) string {
	return plainPod(name, "ownerReferences: [{apiVersion: example.com/v1, kind: '"+kind+"', name: '"+controller+"', uid: '"+uid+"', controller: true}]")
}

// controlledBy is a pod whose controller is of a kind that the API server serves.
func controlledBy(name, kind, controller string) string {
	return plainPod(name, "ownerReferences: [{apiVersion: v1, kind: "+kind+", name: '"+controller+"', uid: u, controller: true}]")
}

// claims is a pod that names an instance of a namespace as the one that made it.
func claims(name, namespace string) string {
	return plainPod(name, "annotations: {xos.opencord.org/owner: 'KubernetesServiceInstance/"+namespace+"/"+name+"/u/Pod/$other/"+name+"'}")
}

// recorded has rows of this kind in common: the pod is recorded, and its events are published.
func recorded(pod string) []step { return []step{inventoried(pod), announced(pod, "created")} }

var hidings = []attack{
	{
		name: "a principal of one's own keeps that of another's account out",
		does: []step{
			applies(manifest("Principal", "theirs", "trustDomain: $victim")), settles,
			operator(account("$victim", "theirs") + strings.Replace(theirPod, "containers:", "serviceAccountName: theirs, containers:", 1)),
		},
		holds: []step{announced("$victim/theirs", "created"), is("Principal $victim/theirs", "spec.xosManaged", "false")},
	},
	{
		name: "a principal that is a record keeps that of another's account out",
		does: []step{
			applies(manifest("Principal", "theirs", "xosManaged: false, trustDomain: $shared")), settles,
			operator(account("$shared", "theirs") + strings.NewReplacer("containers:", "serviceAccountName: theirs, containers:", "$victim", "$shared").Replace(theirPod)),
		},
		holds: []step{announced("$shared/theirs", "created"), is("Principal $shared/theirs", "spec.xosManaged", "false")},
	},
	{
		name:  "a pod's controller is of a kind whose name is too long for a record",
		does:  []step{another(controlled("long", strings.Repeat("K", 64), "a", "b"))},
		holds: recorded("long"),
	},
	{
		name:  "a pod's controller has a name that is too long for a record",
		does:  []step{another(controlled("long", "Fleet", strings.Repeat("a", 300<<10), "b"))},
		holds: recorded("long"),
	},
	{
		name:  "a pod's controller has a UID that is too long for a record",
		does:  []step{another(controlled("long", "Fleet", "a", strings.Repeat("b", 300<<10)))},
		holds: recorded("long"),
	},
	{
		name:  "a pod's controller has a name and a kind that are none",
		does:  []step{another(controlled("odd", "a/b.c", "../d/e", "f/g"))},
		holds: recorded("odd"),
	},
	{
		name:  "a pod's controller is a path that leads to all Secrets",
		does:  []step{another(controlledBy("path", "ConfigMap", "../../../secrets"))},
		holds: recorded("path"),
	},
	{
		name:  "a pod's controller is a list",
		does:  []step{another(controlledBy("list", "ConfigMap", "."))},
		holds: recorded("list"),
	},
	{
		name:  "a pod's controller is an escaped path",
		does:  []step{another(controlledBy("escaped", "ConfigMap", "%2e%2e"))},
		holds: recorded("escaped"),
	},
	{
		name:  "a pod names an instance of a namespace that can not be",
		does:  []step{another(claims("above", "..") + "---\n" + claims("escaped", "a%b"))},
		holds: append(recorded("above"), recorded("escaped")...),
	},
	{
		name: "the names that the record of an account could have are taken",
		does: []step{
			func(c *cast) {
				second := names.Append("worker", names.Hash(c.namespace(other), "worker"), 63)
				for _, name := range []string{"worker", second} {
					applies("{kind: Principal, metadata: {name: " + name + ", namespace: $other}, spec: {trustDomain: $shared}}\n")(c)
				}
			},
			settles,
			another(account("$other", "worker") + strings.Replace(plainPod("works", ""), "containers:", "serviceAccountName: worker, containers:", 1)),
		},
		holds: recorded("works"),
	},
	{
		name: "the names that the record of a controller could have are taken",
		does: []step{
			func(c *cast) {
				for _, name := range []string{"app", "app-fleet", names.Append("app", names.Hash("c0ffee"), 63)} {
					applies("{kind: Slice, metadata: {name: " + name + ", namespace: $other}, spec: {suspend: true}}\n")(c)
				}
			},
			settles,
			another(controlled("works", "Fleet", "app", "c0ffee")),
		},
		holds: recorded("works"),
	},
}
