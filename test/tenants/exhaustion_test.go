package tenants

import (
	"context"
	"fmt"
	"runtime/metrics"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// What one tenant asks for, however much, must not be another's delay, and must not
// be more than the process has.

// many repeats a manifest, with "#" as the number.
func many(count int, manifest string) string {
	var all strings.Builder
	for i := range count {
		all.WriteString(strings.ReplaceAll(manifest, "#", fmt.Sprint(i)))
	}
	return all.String()
}

var exhaustions = []attack{
	{
		name:  "a template makes pods that are deleted at once, for ever",
		does:  []step{applies(templated("web", "labels: {app.kubernetes.io/managed-by: xos.opencord.org}"))},
		holds: []step{fewer("create deployments, pods of a slice", 20)},
	},
	{
		name:  "a principal has more roles than it may",
		does:  []step{applies("{kind: Principal, metadata: {name: worker}, spec: {roles: [" + strings.TrimSuffix(many(65, "role-#, "), ", ") + "]}}")},
		holds: []step{rejected("Principal worker")},
	},
	{
		name:  "a blob has more documents than it may",
		does:  []step{applies(blob("blob", many(2000, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a-#}}\n---\n")))},
		holds: []step{refused("KubernetesResourceInstance blob", "Invalid"), fewer("requests of a blob that is too long", 50)},
	},
	{
		name:  "a blob has a MiB of nothing",
		does:  []step{applies(blob("blob", "# apiVersion kind\n"+strings.Repeat("---\n", 1<<17)))},
		holds: []step{refused("KubernetesResourceInstance blob", "Invalid")},
	},
	{
		name:  "a ConfigMap is as large as one may be, and one more",
		does:  []step{applies(manifest("KubernetesConfigMap", "large", "data: {a: '"+strings.Repeat("x", 1<<20)+"'}"))},
		holds: []step{refused("KubernetesConfigMap large")},
	},
	{
		name:  "a template has a MiB of annotations",
		does:  []step{applies(templated("web", "annotations: {a: '"+strings.Repeat("x", 1<<20)+"'}"))},
		holds: []step{rejected("Slice web")},
	},
	{
		name: "two blobs declare one object differently",
		does: []step{
			applies(editor), ready("Principal editor"),
			applies(blob("one", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {color: red}}", asEditor)), ready("KubernetesResourceInstance one"),
			applies(blob("two", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {color: blue}}", asEditor)),
		},
		holds: []step{refused("KubernetesResourceInstance two", "NotOwned"), fewer("requests of two that disagree", 200)},
	},
	{
		name: "hundreds of Secrets are named to take values from",
		does: []step{
			func(c *cast) {
				for i := range 12 {
					applies(fmt.Sprintf("{kind: KubernetesSecret, metadata: {name: copy-%d}, spec: {dataFrom: [%s]}}\n", i, many(16, fmt.Sprintf("{name: s-%d-#}, ", i))))(c)
				}
			},
			settles,
		},
		holds: []step{
			func(c *cast) {
				watches := c.w.manager.Since(0).In(c.namespace(mine)).Of("watch", "secrets")
				if len(watches) > 150 {
					c.Errorf("%d watches of single Secrets of one namespace", len(watches))
				}
			},
			deletes("KubernetesSecret copy-0"),
		},
	},
	{
		name: "a ConfigMap and a blob declare one object differently",
		does: []step{
			applies(editor), ready("Principal editor"),
			applies(manifest("KubernetesConfigMap", "a", "data: {color: red}")), ready("KubernetesConfigMap a"),
			applies(blob("two", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {color: blue}}", asEditor)),
		},
		holds: []step{refused("KubernetesResourceInstance two", "NotOwned", "Conflict"), is("ConfigMap a", "data.color", "red"), fewer("requests of two that disagree", 200)},
	},
}

// measured are the rows that run alone, since they count what the process does.
var measured = []attack{
	{
		name: "one blob's aliases take the memory of the process",
		does: []step{func(c *cast) {
			c.Helper()
			peak := c.peak(func() {
				applies(blob("blob", strings.Repeat(bomb(6)+"\n---\n", 900)))(c)
				c.settle()
			})
			if peak > 512<<20 {
				c.Errorf("the heap grew by %d MiB for one blob", peak>>20)
			}
		}},
		holds: []step{refused("KubernetesResourceInstance blob", "Invalid")},
	},
	{
		name: "two hundred blobs of kinds that are not served keep the API server busy",
		does: []step{
			applies(many(200, blob("blob-#", "{apiVersion: t#.example.org/v1, kind: Nothing, metadata: {name: a}}"))), settles,
			func(c *cast) { c.busy(10*time.Second, 300) },
		},
	},
	{
		name: "blobs that end say to have held kinds that nobody serves", unhurried: true,
		does: []step{
			func(c *cast) {
				c.Helper()
				mark := c.w.manager.Mark()
				// As many kinds in one as may be, and in others as many as are believed.
				for i, kinds := range []int{1000, 1000, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30} {
					entries := strings.TrimSuffix(many(kinds, fmt.Sprintf(`{"apiVersion":"t%d-#.example.org/v1","kind":"Nothing","name":"a"},`, i)), ",")
					name := fmt.Sprintf("blob-%d", i)
					applies("{kind: KubernetesResourceInstance, metadata: {name: " + name + ", finalizers: [xos.opencord.org/cleanup], annotations: {xos.opencord.org/intent: '[" + entries + "]'}}, spec: {suspend: true, resourceDefinition: \"apiVersion: v1\\nkind: ConfigMap\"}}\n")(c)
					orders("KubernetesResourceInstance " + name)(c)
				}
				for i := range 20 {
					c.endsOrWaits(c.ref(mine, fmt.Sprintf("KubernetesResourceInstance blob-%d", i)))
				}
				sent := len(c.w.manager.Since(mark))
				if c.Logf("%d requests for twenty blobs", sent); sent > 1000 {
					c.Errorf("%d requests for twenty blobs, want 1000 at most", sent)
				}
			},
		},
	},
	{
		name: "five hundred slices that wait delay another's", unhurried: true,
		given: manifest("Slice", "bystander", ""),
		does: []step{
			applies(many(500, manifest("Slice", "wait-#", "principal: nobody"))),
			// All of them are reconciled anew with each of these.
			applies("{kind: Principal, metadata: {name: nobody}, spec: {roles: [admin]}}"),
			patches("Principal nobody", `{"spec":{"roles":["cluster-admin"]}}`),
			func(c *cast) {
				c.Helper()
				begun := time.Now()
				operator(manifest("Slice", "urgent", ""))(c)
				c.awaitReady(c.ref(victim, "Slice urgent"))
				if took := time.Since(begun); took > 10*time.Second {
					c.Errorf("another's slice waited %v", took)
				}
			},
		},
	},
	{
		name:  "three hundred ConfigMaps that are changed all the time delay another's",
		given: manifest("KubernetesConfigMap", "bystander", "data: {a: b}"),
		does: []step{
			applies(many(300, manifest("KubernetesConfigMap", "busy-#", "data: {a: b}"))),
			func(c *cast) {
				c.Helper()
				begun := time.Now()
				operator(manifest("KubernetesConfigMap", "urgent", "data: {a: b}"))(c)
				c.awaitReady(c.ref(victim, "KubernetesConfigMap urgent"))
				if took := time.Since(begun); took > 10*time.Second {
					c.Errorf("another's ConfigMap waited %v", took)
				}
			},
		},
	},
}

// endsOrWaits waits until an object has ended, or says why it has not yet.
func (c *cast) endsOrWaits(r ref) {
	c.Helper()
	wait(c.T, func(ctx context.Context) string {
		o, err := c.operator.get(ctx, r)
		switch {
		case apierrors.IsNotFound(err):
			return ""
		case err != nil:
			return err.Error()
		case readyOf(o).Reason != "Failed":
			return fmt.Sprintf("%s has neither ended nor failed: %s", r, say(readyOf(o)))
		}
		return ""
	})
}

// fewer asserts that the manager has sent fewer requests for the row than a budget.
func fewer(what string, budget int) step {
	return func(c *cast) {
		c.Helper()
		sent := c.w.manager.Since(0).Foreground().In(c.namespace(mine))
		if len(sent) > budget {
			c.Errorf("%s: %d requests, want %d at most", what, len(sent), budget)
		}
	}
}

// busy counts the requests of the manager for a time, in which nothing is asked of
// it: that it is quiet is what is wanted, and silence has no other sign.
func (c *cast) busy(window time.Duration, budget int) {
	c.Helper()
	mark := c.w.manager.Mark()
	ended := time.After(window)
	<-ended
	if sent := c.w.manager.Since(mark).Foreground(); len(sent) > budget {
		c.Errorf("%d requests in %v at rest, want %d at most", len(sent), window, budget)
	}
}

// heapMetric is the memory of live and of dead objects.
const heapMetric = "/memory/classes/heap/objects:bytes"

func heap() uint64 {
	sample := []metrics.Sample{{Name: heapMetric}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// peak is by how much the heap grew at most while a function ran.
func (c *cast) peak(do func()) uint64 {
	ctx, cancel := context.WithCancel(c.Context())
	base, top := heap(), uint64(0)
	var sampling sync.WaitGroup
	sampling.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				top = max(top, heap())
			}
		}
	})
	do()
	cancel()
	sampling.Wait()
	if top < base {
		return 0
	}
	return top - base
}
