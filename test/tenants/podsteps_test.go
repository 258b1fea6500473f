package tenants

import (
	"context"
	"fmt"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// podsOf are the pods in all of the row's namespaces.
func (c *cast) podsOf() []unstructured.Unstructured {
	c.Helper()
	var all []unstructured.Unstructured
	for _, namespace := range c.made {
		list, err := c.operator.resource("Pod", namespace).List(c.Context(), metav1.ListOptions{})
		require.NoError(c, err)
		all = append(all, list.Items...)
	}
	return all
}

// nobody asserts that no pod of the row has a word in its spec.
func nobody(word string) step {
	return func(c *cast) {
		c.Helper()
		for _, pod := range c.podsOf() {
			if !c.isGiven(&pod) {
				require.NotContains(c, fmt.Sprint(pod.Object["spec"]), c.fill(word), "pod %s", pod.GetName())
			}
		}
	}
}

func (c *cast) isGiven(o *unstructured.Unstructured) bool {
	for _, given := range c.held {
		if given.GetUID() == o.GetUID() {
			return true
		}
	}
	return false
}

func nobodyRunsAs(account string) step { return nobody("serviceAccountName:" + account) }

func nobodyMounts(name string) step {
	return func(c *cast) {
		nobody("secretName:" + name)(c)
		nobody("name:" + name + " ")(c)
		nobody("name:" + name + "]")(c)
	}
}

// awaitsPod waits until a pod of the tenant's namespace is Ready.
func awaitsPod(name string) step {
	return func(c *cast) { c.Helper(); c.awaitReady(c.ref(mine, "Pod "+name)) }
}

// handsOver has the tenant hand over the record of a pod in its own namespace, once
// the inventory has made it.
func handsOver(name string) step {
	return func(c *cast) {
		c.Helper()
		recordOf(c.ref(mine, "Pod "+name))(c)
		patches("KubernetesServiceInstance "+name, `{"spec":{"xosManaged":true,"adopt":"IfUnowned","deletionPolicy":"Delete"}}`)(c)
	}
}

// deletesIfThere deletes an object that the API server may not have accepted.
func deletesIfThere(name string) step {
	return func(c *cast) {
		c.Helper()
		if c.refused[c.ref(mine, name)] == nil {
			deletes(name)(c)
		}
	}
}

// unforged asserts that a value of a ConfigMap is not the tenant's.
func unforged(name, key string) step {
	return func(c *cast) {
		c.Helper()
		o, err := c.operator.get(c.Context(), c.ref(mine, name))
		require.NoError(c, err)
		value, _, _ := unstructured.NestedString(o.Object, "data", key)
		require.NotEmpty(c, value)
		require.NotEqual(c, "forged", value)
	}
}

// inventoried waits until a pod has a record of its own.
func inventoried(name string) step {
	return func(c *cast) { c.Helper(); recordOf(c.ref(other, "Pod "+name))(c) }
}

func recordOf(r ref) step {
	return func(c *cast) {
		c.Helper()
		wait(c.T, func(ctx context.Context) string {
			record, err := c.operator.get(ctx, ref{"KubernetesServiceInstance", r.namespace, r.name})
			if err != nil {
				return err.Error()
			}
			pod, err := c.operator.get(ctx, r)
			if err != nil {
				return err.Error()
			}
			if uid, _, _ := unstructured.NestedString(record.Object, "status", "podUID"); uid != string(pod.GetUID()) {
				return fmt.Sprintf("%s records pod %s, not %s", refOf(record), uid, pod.GetUID())
			}
			return ""
		})
	}
}

// announced waits until exactly these events were sent of a pod: "created".
func announced(name string, types ...string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(other, "Pod "+name)
		wait(c.T, func(context.Context) string {
			found := c.eventsOf(r)
			if fmt.Sprint(found) != fmt.Sprint(types) {
				return fmt.Sprintf("%s: events are %v, want %v", r, found, types)
			}
			return ""
		})
	}
}

// eventsOf are the states that events reported of a pod, updates left out: how many
// there are is a matter of timing.
func (c *cast) eventsOf(r ref) []string {
	var found []string
	for _, e := range c.w.ledger.of(r.namespace, r.name) {
		if e.Status != "updated" {
			found = append(found, e.Status)
		}
	}
	return found
}
