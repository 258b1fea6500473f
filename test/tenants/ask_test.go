package tenants

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/tenants/oracle"
)

// until waits until a function has nothing to complain about an object.
func (c *cast) until(r ref, complaint func(o *unstructured.Unstructured) string) {
	c.Helper()
	wait(c.T, func(ctx context.Context) string {
		o, err := c.operator.get(ctx, r)
		if err != nil {
			return err.Error()
		}
		if kindOf(r.kind).Group == xosv1.GroupName {
			if late := unobserved(o); late != "" {
				return late
			}
		}
		return complaint(o)
	})
}

func (c *cast) awaitReady(r ref) {
	c.Helper()
	c.until(r, func(o *unstructured.Unstructured) string {
		if condition := readyOf(o); condition.Status != metav1.ConditionTrue {
			return fmt.Sprintf("%s is not Ready: %s", r, say(condition))
		}
		return ""
	})
}

func statusOf(o *unstructured.Unstructured) xosv1.ObjectStatus {
	var status xosv1.ObjectStatus
	content, _, _ := unstructured.NestedMap(o.Object, "status")
	// A status that is another one's, as a pod's, has conditions alike.
	_ = runtime.DefaultUnstructuredConverter.FromUnstructured(content, &status)
	return status
}

func unobserved(o *unstructured.Unstructured) string {
	if status := statusOf(o); status.ObservedGeneration != o.GetGeneration() {
		return fmt.Sprintf("%s: generation %d of %d was observed", refOf(o), status.ObservedGeneration, o.GetGeneration())
	}
	return ""
}

func readyOf(o *unstructured.Unstructured) metav1.Condition {
	for _, condition := range statusOf(o).Conditions {
		if condition.Type == xosv1.ConditionReady {
			return condition
		}
	}
	return metav1.Condition{}
}

func say(c metav1.Condition) string {
	return fmt.Sprintf("Ready=%s (%s) %s", c.Status, c.Reason, c.Message)
}

// give brings what others have, and waits until it is as it will stay.
func (c *cast) give(text string) {
	c.Helper()
	all := c.read(c.operator, text)
	for _, o := range all {
		require.NoError(c, c.operator.create(c.Context(), o), "%s", refOf(o))
	}
	for _, o := range all {
		r := refOf(o)
		suspended, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend")
		if !suspended && (kindOf(r.kind).Group == xosv1.GroupName || r.kind == "Pod") {
			c.awaitReady(r)
		}
		live, err := c.operator.get(c.Context(), r)
		require.NoError(c, err)
		if r.namespace == "" {
			c.atEnd(r)
		}
		c.held = append(c.held, live)
	}
}

// unharmed asks that each given object is the same as before, and as ready.
func (c *cast) unharmed() {
	c.Helper()
	for _, before := range c.held {
		r := refOf(before)
		if c.consented(r) {
			continue
		}
		now, err := c.operator.get(c.Context(), r)
		require.NoError(c, err, "%s was given", r)
		require.Equal(c, before.GetUID(), now.GetUID(), "%s is another one", r)
		require.Nil(c, now.GetDeletionTimestamp(), "%s is being deleted", r)
		require.Equal(c, essence(before), essence(now), "%s was changed", r)
		if kindOf(r.kind).Group == xosv1.GroupName {
			require.Equal(c, readyOf(before).Status, readyOf(now).Status, "%s: %s", r, say(readyOf(now)))
		}
	}
}

func (c *cast) consented(r ref) bool {
	return slices.ContainsFunc(c.row.consents, func(consent string) bool { return c.ref(victim, consent) == r })
}

// object is how the oracle names an object.
func (c *cast) object(r ref) oracle.Object {
	c.Helper()
	mapping, err := c.w.user.Mapping(kindOf(r.kind))
	require.NoError(c, err)
	return oracle.Object{Group: mapping.Resource.Group, Resource: mapping.Resource.Resource, Namespace: r.namespace, Name: r.name}
}

// essence is an object without what changes by itself.
func essence(o *unstructured.Unstructured) map[string]any {
	o = o.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "generation"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(o.Object, "metadata", "annotations", "deployment.kubernetes.io/revision")
	if o.GetKind() == "Secret" && o.Object["type"] == "kubernetes.io/service-account-token" {
		delete(o.Object, "data") // The cluster fills it in.
		unstructured.RemoveNestedField(o.Object, "metadata", "annotations", "kubernetes.io/service-account.uid")
	}
	if len(o.GetAnnotations()) == 0 {
		unstructured.RemoveNestedField(o.Object, "metadata", "annotations")
	}
	// Ours comes once there is something to clean up.
	if slices.Equal(o.GetFinalizers(), []string{xosv1.CleanupFinalizer}) {
		o.SetFinalizers(nil)
	}
	delete(o.Object, "status")
	return o.Object
}

// undisclosed asks that the canary, and the words that a row hides, are nowhere where the
// attacker, or a pod of its, can read: in what is in its namespaces and in the
// domain that all share.
func (c *cast) undisclosed(hidden []string) {
	c.Helper()
	given := map[ref]bool{}
	for _, o := range c.held {
		given[refOf(o)] = true
	}
	for _, role := range []string{mine, other, shared} {
		namespace, there := c.made[role]
		if !there {
			continue
		}
		kinds := slices.Clone(usable)
		if role != shared {
			kinds = append(kinds, visible...)
		}
		for _, kind := range kinds {
			list, err := c.operator.resource(kind, namespace).List(c.Context(), metav1.ListOptions{})
			require.NoError(c, err)
			for _, o := range list.Items {
				if given[refOf(&o)] {
					continue
				}
				text := readable(&o)
				require.NotContains(c, text, c.canary, "%s", refOf(&o))
				for _, word := range hidden {
					// What the attacker wrote itself is in the spec, so only what is reported counts.
					require.NotContains(c, reported(&o), c.fill(word), "%s", refOf(&o))
				}
			}
		}
	}
}

// usable are the kinds that a tenant's pod reads, wherever it runs.
var usable = []string{"ConfigMap", "Secret"}

// visible are the kinds that a tenant reads in namespaces of its own, and the pods
// there, whose logs it may be given.
var visible = []string{
	"Principal", "Slice", "KubernetesServiceInstance", "KubernetesConfigMap", "KubernetesSecret", "KubernetesConfigVolumeMount",
	"KubernetesSecretVolumeMount", "KubernetesResourceInstance", "Service", "ServicePort", "Event", "Pod",
}

// readable is an object as text, with its values decoded.
func readable(o *unstructured.Unstructured) string {
	content, err := json.Marshal(o.Object)
	if err != nil {
		panic(err)
	}
	text := string(content)
	data, _, _ := unstructured.NestedStringMap(o.Object, "data")
	for _, value := range data {
		if plain, err := base64.StdEncoding.DecodeString(value); err == nil {
			text += "\n" + string(plain)
		}
	}
	return text
}

// reported is what the manager says of an object: its status, or an event.
func reported(o *unstructured.Unstructured) string {
	content := o.Object["status"]
	if o.GetKind() == "Event" {
		content = o.Object["message"]
	}
	return fmt.Sprint(content)
}

// served asks that the attacker, who has harmed itself at worst, is served yet.
func (c *cast) served() {
	c.Helper()
	c.applyAs(c.tenant, manifest("KubernetesConfigMap", "served-"+c.tag, "data: {color: blue}"))
	c.awaitReady(ref{"KubernetesConfigMap", c.namespace(mine), "served-" + c.tag})
}

// lawful asks the oracle about the row's namespaces.
func (c *cast) lawful() {
	c.Helper()
	found := c.w.violations(c.T, c.mark, func(all []oracle.Violation) []oracle.Violation {
		return oracle.In(all, slices.Collect(maps.Values(c.made))...)
	})
	require.Empty(c, found, strings.Join(found, "\n"))
}
