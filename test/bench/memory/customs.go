package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// customs are the objects of one custom resource, as JSON. They may be written.
type customs struct {
	resource metav1.APIResource

	mu       sync.Mutex
	objects  map[cache.ObjectName][]byte
	watchers map[chan customEvent]bool
	versions *versions
}

// versions hands out resource versions.
type versions struct {
	mu   sync.Mutex
	last int
}

func (v *versions) next() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.last++
	return v.last
}

func (v *versions) now() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return strconv.Itoa(v.last)
}

// customEvent is a change of an object.
type customEvent struct {
	Type   watch.EventType `json:"type"`
	Object json.RawMessage `json:"object"`
}

// document is as much of an object as the server itself reads.
type document struct {
	Metadata metav1.ObjectMeta `json:"metadata"`
}

func (c *customs) all() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.objects))
}

// watch returns the objects as they are and what changes from then on.
func (c *customs) watch() ([][]byte, chan customEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	events := make(chan customEvent, 1<<18)
	c.watchers[events] = true
	return slices.Collect(maps.Values(c.objects)), events
}

func (c *customs) unwatch(events chan customEvent) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.watchers, events)
}

func (c *customs) get(name cache.ObjectName) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	data, ok := c.objects[name]
	return data, ok
}

// refused is the error of a request that the server refuses.
type refused struct {
	code   int
	reason metav1.StatusReason
}

// Error implements error.
func (r refused) Error() string { return string(r.reason) }

// create stores an object with the metadata that the API server adds.
func (c *customs) create(namespace string, data []byte) ([]byte, error) {
	tree := map[string]any{}
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	metadata, ok := tree["metadata"].(map[string]any)
	if !ok {
		return nil, refused{http.StatusBadRequest, metav1.StatusReasonInvalid}
	}
	text, _ := metadata["name"].(string)
	name, n := cache.NewObjectName(namespace, text), c.versions.next()
	metadata["uid"], metadata["generation"], metadata["creationTimestamp"] = uid(c.resource.Kind, n), 1, born(n)
	metadata["resourceVersion"], metadata["managedFields"] = strconv.Itoa(n), recordFields(n)
	tree["apiVersion"], tree["kind"] = xosv1.SchemeGroupVersion.String(), c.resource.Kind
	return c.store(watch.Added, name, tree, func(_ []byte, there bool) error {
		if there {
			return refused{http.StatusConflict, metav1.StatusReasonAlreadyExists}
		}
		return nil
	})
}

// patch merges a change into an object.
func (c *customs) patch(name cache.ObjectName, change []byte) ([]byte, error) {
	c.mu.Lock()
	before, ok := c.objects[name]
	c.mu.Unlock()
	if !ok {
		return nil, refused{http.StatusNotFound, metav1.StatusReasonNotFound}
	}
	var was, asked document
	if err := errors.Join(json.Unmarshal(before, &was), json.Unmarshal(change, &asked)); err != nil {
		return nil, err
	}
	if expected := asked.Metadata.ResourceVersion; expected != "" && expected != was.Metadata.ResourceVersion {
		return nil, refused{http.StatusConflict, metav1.StatusReasonConflict}
	}
	merged, err := jsonpatch.MergePatch(before, change)
	if err != nil {
		return nil, fmt.Errorf("patch %s: %w", name, err)
	}
	tree := map[string]any{}
	if err := json.Unmarshal(merged, &tree); err != nil {
		return nil, err
	}
	tree["metadata"].(map[string]any)["resourceVersion"] = strconv.Itoa(c.versions.next())
	return c.store(watch.Modified, name, tree, func(now []byte, _ bool) error {
		if string(now) != string(before) {
			return refused{http.StatusConflict, metav1.StatusReasonConflict}
		}
		return nil
	})
}

func (c *customs) store(kind watch.EventType, name cache.ObjectName, tree map[string]any, check func(now []byte, there bool) error) ([]byte, error) {
	data, err := json.Marshal(tree)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now, there := c.objects[name]
	if err := check(now, there); err != nil {
		return nil, err
	}
	c.objects[name] = data
	c.notify(customEvent{kind, data})
	return data, nil
}

func (c *customs) delete(name cache.ObjectName) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	data, ok := c.objects[name]
	if !ok {
		return nil, refused{http.StatusNotFound, metav1.StatusReasonNotFound}
	}
	delete(c.objects, name)
	c.notify(customEvent{watch.Deleted, data})
	return data, nil
}

func (c *customs) notify(e customEvent) {
	for events := range c.watchers {
		events <- e
	}
}

// put stores an object that was there before the manager.
func (c *customs) put(o xosv1.Object) error {
	o.SetManagedFields(recordFields(0))
	o.GetObjectKind().SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind(c.resource.Kind))
	data, err := json.Marshal(o)
	c.objects[cache.MetaObjectToName(o)] = data
	return err
}

// instance is the record of pod i, as the pull writes it.
func (s shape) instance(i, version int) *xosv1.KubernetesServiceInstance {
	pod, workload := s.pod(i), i/replicas
	references := record.References{Slice: workloadName(workload)}
	if main, ok := record.MainImage(pod); ok {
		references.Image = main.ObjectName()
	}
	o := record.NewInstance(pod, references)
	o.UID, o.ResourceVersion, o.Generation, o.CreationTimestamp = uid("Instance", i), strconv.Itoa(version), 1, born(i)
	observe.Pod(&o.Status, pod)
	status.SetConditions(&o.Status.ObjectStatus, status.Inventoried("", false), 1, born(i))
	return o
}

// service is the KubernetesService, with so long a time between full lists that none is made.
func service() *xosv1.KubernetesService {
	s := &xosv1.KubernetesService{ObjectMeta: metadata("KubernetesService", "", xosv1.DefaultKubernetesService, 0)}
	s.Spec.Pull.ResyncSeconds = ptr.To[int32](86400)
	return s
}

// recordFields are the records of who manages which field, as long as they are in a cluster.
func recordFields(i int) []metav1.ManagedFieldsEntry {
	at := born(i)
	return []metav1.ManagedFieldsEntry{
		{Manager: xosv1.FieldManager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: xosv1.SchemeGroupVersion.String(), Time: &at, FieldsType: "FieldsV1",
			FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:annotations":{".":{},"f:` + xosv1.MirrorsAnnotation + `":{}},"f:labels":{".":{},"f:` + xosv1.PulledLabel + `":{}}},"f:spec":{".":{},"f:adopt":{},"f:image":{},"f:owner":{},"f:slice":{},"f:xosManaged":{}}}`)},
		{Manager: xosv1.FieldManager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: xosv1.SchemeGroupVersion.String(), Time: &at, FieldsType: "FieldsV1", Subresource: "status",
			FieldsV1: metav1.NewFieldsV1(`{"f:status":{".":{},"f:backendHandle":{},"f:conditions":{".":{},"k:{\"type\":\"Ready\"}":{".":{},"f:lastTransitionTime":{},"f:message":{},"f:observedGeneration":{},"f:reason":{},"f:status":{},"f:type":{}}},"f:containers":{},"f:labels":{".":{}},"f:nodeName":{},"f:observedGeneration":{},"f:phase":{},"f:podIP":{},"f:podIPs":{},"f:podUID":{},"f:ready":{}}}`)},
	}
}

// customResources are all that the manager knows, by plural, read off the definitions.
func customResources(definitions []metav1.APIResource, v *versions) map[string]*customs {
	all := map[string]*customs{}
	for _, r := range definitions {
		if !strings.Contains(r.Name, "/") {
			all[r.Name] = &customs{resource: r, objects: map[cache.ObjectName][]byte{}, watchers: map[chan customEvent]bool{}, versions: v}
		}
	}
	return all
}
