package controllers

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
)

// TestEachReadHasAReference lets every kind plan its objects of testdata/reads.yaml over
// recording caches. A change of each object that a plan has read must have the planned
// object reconciled, while the one that was read is there and when it is gone; and the
// controller must wait for the cache that it was read from.
//
// The other way round, each reference must be the only one that leads back from some
// object that was read. So the test fails when any of them is left out, and when one is
// declared that stands for no read.
func TestEachReadHasAReference(t *testing.T) {
	all := readsManifest(t)
	h := newReadsHarness(t, all)
	without := map[store.Object]*readsHarness{}
	for at, o := range all {
		without[o] = newReadsHarness(t, slices.Delete(slices.Clone(all), at, at+1))
	}
	for kind, tracer := range h.tracers {
		t.Run(kind, func(t *testing.T) {
			var caches []string
			for _, c := range tracer.Caches() {
				caches = append(caches, c.String())
			}
			needed, found, detours := map[string]bool{}, map[string]bool{}, map[string]bool{}
			for _, planned := range h.of(kind) {
				name := cache.MetaObjectToName(planned)
				for _, read := range h.plan(t, tracer, name) {
					assert.True(t, read.From == single || slices.Contains(caches, read.From), "%s reads %s, and waits for %s", name, read.From, caches)
					switch {
					case read.Value == "":
						read.Found = h.from(read.From)
					case read.From == single:
						read.Found = []store.Object{secretNamed(read.Value)}
					}
					lookup := strings.TrimSpace(read.From + " " + read.Index)
					if !strings.HasSuffix(read.Value, "/") {
						found[lookup] = found[lookup] || len(read.Found) > 0
					}
					for _, o := range read.Found {
						what := fmt.Sprintf("%s reads %s %s", name, read.From, cache.MetaObjectToName(o))
						causes := tracer.Causes(read.From, o, name)
						if indirect[kind][read.From] != "" {
							detours[read.From] = true
							assert.Empty(t, causes, "%s: which has a reference", what)
							continue
						}
						assert.NotEmpty(t, causes, "%s: a change of that does not reconcile it", what)
						if without[o] != nil && planned != o {
							assert.NotEmpty(t, without[o].tracers[kind].Causes(read.From, o, name), "%s: the end of that does not reconcile it", what)
						}
						if len(causes) == 1 {
							needed[causes[0]] = true
						}
					}
				}
			}
			for lookup, some := range found {
				assert.True(t, some, "testdata/reads.yaml has nothing that a plan finds in %s", lookup)
			}
			for from := range indirect[kind] {
				assert.True(t, detours[from], "no plan reads %s", from)
			}
			for _, reference := range tracer.References() {
				assert.True(t, needed[reference], "reference %q stands for no read that has no other reference", reference)
			}
		})
	}
}

// indirect names, for a kind, the caches that it reads and has no reference to, and what
// has an object of that kind reconciled nevertheless when one of theirs changes.
var indirect = map[string]map[string]string{
	"KubernetesServiceInstance": {
		"kubernetesconfigmaps.xos.opencord.org": "the mount, whose readiness is that of what it mounts",
		"kubernetessecrets.xos.opencord.org":    "the mount, whose readiness is that of what it mounts",
	},
	"Slice": {single: "the Secret that is made of these values"},
}

// single is the cache of Secrets that are watched one by one. No controller waits for
// it, since a read reports whether it is filled.
const single = "single *v1.Secret"

// readsHarness has all controllers over caches that hold the objects of a manifest.
type readsHarness struct {
	cluster *cluster.Cluster
	objects []store.Object
	tracers map[string]reconciler.Tracer
}

func newReadsHarness(t *testing.T, objects []store.Object) *readsHarness {
	t.Helper()
	c, err := cluster.New(&rest.Config{Host: "unused.example.org", Transport: refusing{}})
	require.NoError(t, err)
	controllers, err := All(c, &ClusterInfo{}, reconciler.Options{})
	require.NoError(t, err)
	h := &readsHarness{cluster: c, objects: objects, tracers: map[string]reconciler.Tracer{}}
	for _, o := range objects {
		hold(t, c, o)
	}
	for _, controller := range controllers {
		if d, ok := controller.(*defaultService); ok {
			controller = d.Controller
		}
		h.tracers[controller.Name()] = controller.(reconciler.Tracer)
	}
	return h
}

// refusing has each request fail, since a plan sends none.
type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%s %s: a plan reads caches only", r.Method, r.URL)
}

// plan returns what is read for the plan of an object.
func (h *readsHarness) plan(t *testing.T, tracer reconciler.Tracer, name cache.ObjectName) (reads []store.Read) {
	t.Helper()
	record := func(r store.Read) { reads = append(reads, r) }
	h.record(record)
	defer h.record(nil)
	// What a blob is cleaned up as is asked for beside the plan.
	if tracer == h.tracers["KubernetesResourceInstance"] {
		blob, _ := h.cluster.KubernetesResourceInstances.Get(name)
		former, err := newAccounts(h.cluster).Former(blob)
		require.NoError(t, err)
		require.False(t, newAccounts(h.cluster).Ending(former.Namespace))
	}
	if err := tracer.Plan(t.Context(), name); err != nil && !errors.Is(err, store.ErrNotRead) {
		t.Log(name, "has no plan:", err)
	}
	return reads
}

func (h *readsHarness) record(to func(store.Read)) {
	for _, held := range cachesOf(h.cluster) {
		held.Interface().(interface{ Record(func(store.Read)) }).Record(to)
	}
}

// of returns the custom resources of a kind.
func (h *readsHarness) of(kind string) (found []store.Object) {
	for _, o := range h.objects {
		if _, custom := o.(xosv1.Object); custom && reflect.TypeOf(o).Elem().Name() == kind {
			found = append(found, o)
		}
	}
	return found
}

// from returns the objects of a cache.
func (h *readsHarness) from(name string) (found []store.Object) {
	for _, o := range h.objects {
		if held := cacheOf(h.cluster, o).Interface().(store.Cache); held.String() == name {
			found = append(found, o)
		}
	}
	return found
}

// cachesOf returns all fields of a cluster whose reads can be recorded.
func cachesOf(c *cluster.Cluster) (found []reflect.Value) {
	all := reflect.ValueOf(c).Elem()
	for i := range all.NumField() {
		if field := all.Field(i); field.Kind() == reflect.Pointer && field.MethodByName("Record").IsValid() {
			found = append(found, field)
		}
	}
	return found
}

// cacheOf returns the cache that holds objects such as this one.
func cacheOf(c *cluster.Cluster, o store.Object) reflect.Value {
	for _, held := range cachesOf(c) {
		if observe := held.MethodByName("ObserveWrite"); observe.IsValid() && observe.Type().In(1) == reflect.TypeOf(o) {
			return held
		}
	}
	panic(fmt.Sprintf("no cache holds a %T", o))
}

// secretNamed returns a Secret that others made.
func secretNamed(key string) *corev1.Secret {
	namespace, name, _ := strings.Cut(key, "/")
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

// hold puts an object into its cache.
func hold(t *testing.T, c *cluster.Cluster, o store.Object) {
	t.Helper()
	o.SetResourceVersion("1")
	cacheOf(c, o).MethodByName("ObserveWrite").Call([]reflect.Value{reflect.ValueOf(store.ReconcilerWriter), reflect.ValueOf(o)})
}

// readsManifest returns the objects of testdata/reads.yaml.
func readsManifest(t *testing.T) (all []store.Object) {
	t.Helper()
	text, err := os.ReadFile("testdata/reads.yaml")
	require.NoError(t, err)
	scheme := runtime.NewScheme()
	require.NoError(t, errors.Join(clientgoscheme.AddToScheme(scheme), xosv1.AddToScheme(scheme)))
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	uid := func(kind, name string) string { return strings.ToLower(kind) + "." + name }
	for _, document := range bytes.Split(text, []byte("\n---\n")) {
		document, err := yaml.YAMLToJSON(document)
		require.NoError(t, err)
		decoded, kind, err := decoder.Decode(document, nil, nil)
		require.NoError(t, err, "%s", document)
		o := decoded.(store.Object)
		o.SetUID(types.UID(uid(kind.Kind, o.GetName())))
		if owner := strings.Split(o.GetAnnotations()[xosv1.OwnerAnnotation], "/"); len(owner) == 3 {
			tracking := ownership.TrackingID{
				Owner: ownership.Owner{Kind: owner[0], Name: cache.NewObjectName(owner[1], owner[2]), UID: types.UID(uid(owner[0], owner[2]))},
				Kind:  kind.GroupKind(), Name: cache.MetaObjectToName(o),
			}
			o.SetAnnotations(map[string]string{xosv1.OwnerAnnotation: tracking.String()})
			labels := maps.Clone(o.GetLabels())
			if labels == nil {
				labels = map[string]string{}
			}
			labels[xosv1.ManagedByLabel] = xosv1.ManagedByValue
			o.SetLabels(labels)
		}
		all = append(all, o)
	}
	return all
}
