package tenants

import (
	"fmt"
	"strings"
)

// Each pod's lifecycle is published once, as the pod's own; nothing that a client writes
// creates an event of another's pod, or delays one.

// plainPod is a pod with more metadata.
func plainPod(name, metadata string) string {
	return "{apiVersion: v1, kind: Pod, metadata: {name: " + name + comma(metadata) + "}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: main, image: example.com/none}]}}\n"
}

var pendings = []attack{
	{
		name:  "a record of another's pod has events of it sent",
		given: theirPod,
		does: []step{
			waitFor(announced("$victim/theirs", "created")),
			applies(pulled("KubernetesServiceInstance", "forged", ofPod, "image: none")), settles, touches, deletesIfPresent("KubernetesServiceInstance forged"),
		},
		holds: []step{announced("$victim/theirs", "created"), neverAnnounced("forged")},
	},
	{
		name:  "a record without a pod has events sent",
		does:  []step{applies(pulled("KubernetesServiceInstance", "ghost", "Pod.v1/$mine/ghost/00000000-0000-0000-0000-000000000000", "image: none")), settles, deletesIfPresent("KubernetesServiceInstance ghost")},
		holds: []step{neverAnnounced("ghost")},
	},
	{
		name:  "a record without a mirror has events sent",
		does:  []step{applies(manifest("KubernetesServiceInstance", "ghost", "xosManaged: false, image: none")), settles, deletesIfPresent("KubernetesServiceInstance ghost")},
		holds: []step{neverAnnounced("ghost")},
	},
	{
		name: "a record is there before its pod, and says that all was sent",
		does: []step{
			applies(`{kind: KubernetesServiceInstance, metadata: {name: early, namespace: $other}, spec: {xosManaged: false, image: none}, status: {delivery: {announced: true, status: deleted}}}`), settles,
			another(plainPod("early", "")),
		},
		holds: []step{inventoried("early"), announced("early", "created")},
	},
	{
		name:  "a record is there before its pod, and names another",
		given: theirPod,
		does: []step{
			applies("{kind: KubernetesServiceInstance, metadata: {name: early, namespace: $other, labels: {xos.opencord.org/pulled: 'true'}, annotations: {xos.opencord.org/mirrors: " + ofPod + "}}, spec: {xosManaged: false, image: none}}"), settles,
			another(plainPod("early", "")),
		},
		holds: []step{inventoried("early"), announced("early", "created"), announced("$victim/theirs", "created")},
	},
	{
		name: "a record is deleted while its pod lives",
		does: []step{
			another(plainPod("lives", "")), waitFor(announced("lives", "created")), waitFor(inventoried("lives")),
			anotherDeletes("KubernetesServiceInstance lives"),
		},
		holds: []step{inventoried("lives"), announced("lives", "created")},
	},
	{
		name: "a record's finalizers are taken off before its pod ends",
		does: []step{
			another(plainPod("ends", "")), waitFor(announced("ends", "created")), waitFor(inventoried("ends")),
			anotherPatches("KubernetesServiceInstance ends", `{"metadata":{"finalizers":null}}`),
			anotherDeletes("Pod ends"),
		},
		holds: []step{announced("ends", "created", "deleted")},
	},
	{
		name:  "a record says to be of another's pod before its own ends",
		given: theirPod,
		does: []step{
			another(plainPod("ends", "")), waitFor(announced("ends", "created")), waitFor(inventoried("ends")),
			anotherPatches("KubernetesServiceInstance ends", `{"metadata":{"annotations":{"xos.opencord.org/mirrors":"`+ofPod+`"}}}`),
			anotherDeletes("Pod ends"),
		},
		holds: []step{announced("ends", "created", "deleted"), announced("$victim/theirs", "created")},
	},
	{
		name:     "a record is handed over before its pod ends",
		recorded: true,
		does: []step{
			another(plainPod("ends", "")), waitFor(announced("ends", "created")), waitFor(inventoried("ends")),
			anotherPatches("KubernetesServiceInstance ends", `{"spec":{"xosManaged":true,"suspend":true}}`),
			anotherDeletes("Pod ends"),
		},
		holds: []step{announced("ends", "created", "deleted")},
	},
	{
		name:  "a pod is annotated for an instance of another's while it lives",
		given: instance("one"),
		does: []step{
			another(plainPod("lives", "")), waitFor(announced("lives", "created")), waitFor(inventoried("lives")),
			anotherPatches("Pod lives", `{"metadata":{"labels":{"app.kubernetes.io/managed-by":"xos.opencord.org"},"annotations":{"xos.opencord.org/owner":"`+owner("KubernetesServiceInstance", "one")+`/Pod/$other/lives"}}}`),
			anotherDeletes("Pod lives"),
		},
		holds: []step{announced("lives", "created", "deleted"), announced("$victim/one", "created")},
	},
	{
		name:  "an instance is managed, and its name another's pod's",
		given: theirPod,
		does:  []step{applies(instance("theirs")), ready("KubernetesServiceInstance theirs"), deletes("KubernetesServiceInstance theirs")},
		holds: []step{announced("$victim/theirs", "created"), announced("$mine/theirs", "created", "deleted")},
	},
	{
		name:  "a label's text tries to be more than a text",
		does:  []step{another(plainPod("texts", `labels: {status: deleted, name: theirs}, annotations: {note: '"},{"status":"deleted","name":"theirs"}'}`))},
		holds: []step{announced("texts", "created")},
	},
	{
		name:  "a pod has a MiB of labels",
		does:  []step{another(plainPod("large", "labels: {"+labels(8000)+"}"))},
		holds: []step{announced("large", "created"), small("large")},
	},
	{
		name: "a pod has a MiB of labels and ends",
		does: []step{
			another(plainPod("large", "labels: {"+labels(8000)+"}")), waitFor(announced("large", "created")), anotherDeletes("Pod large"),
		},
		holds: []step{announced("large", "created", "deleted"), gone("KubernetesServiceInstance $other/large")},
	},
	{
		name:  "a template has a label whose value goes into each event",
		does:  []step{applies(templated("web", "labels: {app: '"+strings.Repeat("x", 64)+"'}"))},
		holds: []step{refused("Slice web")},
	},
}

// labels are so many labels of 126 bytes.
func labels(count int) string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf("l%062d: v%062d", i, i)
	}
	return strings.Join(all, ", ")
}

// small asserts that no event of a pod is larger than a broker takes by default.
func small(name string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(other, "Pod "+name)
		for _, e := range c.w.ledger.of(r.namespace, r.name) {
			if e.Bytes > 1_000_000 {
				c.Errorf("an event of %s has %d bytes", r, e.Bytes)
			}
		}
	}
}

// neverAnnounced asserts that no event was sent of a pod of the tenant's.
func neverAnnounced(name string) step {
	return func(c *cast) {
		c.Helper()
		if sent := c.eventsOf(c.ref(mine, "Pod "+name)); len(sent) > 0 {
			c.Errorf("events of %s: %v", name, sent)
		}
	}
}

// anotherDeletes has one who may delete native objects, too, delete one in the other
// namespace. It does not wait: what it deletes may come again.
func anotherDeletes(name string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(other, name)
		delete(c.applied, r)
		if err := c.another.delete(c.Context(), r); err != nil {
			c.Fatalf("delete %s: %v", r, err)
		}
	}
}

// anotherPatches has it patch an object in the other namespace.
func anotherPatches(name, patch string) step {
	return func(c *cast) { c.Helper(); c.patch(c.another, other, name, patch) }
}
