package pull

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/apistatus"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/event"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetesservices,verbs=get

// entities are the objects of one kind of the inventory. Those of pods are podEvents'.
type entities interface {
	// current returns an object as it is; false where it is not there.
	current(name cache.ObjectName, uid types.UID) (event.Entity, bool)
	all() iter.Seq[delivery.Ref]
	// exists asks the API server whether an object is there.
	exists(ctx context.Context, name cache.ObjectName, uid types.UID) (bool, error)
	// watch has the outbox compare what changes with what Kafka was told.
	watch(outbox *delivery.Outbox) error
}

// entitiesOf are entities of one Go type.
type entitiesOf[O store.Object] struct {
	kind   event.Kind
	cached *store.Resource[O]
	get    func(cache.ObjectName) (O, bool)
	read   func(ctx context.Context, name cache.ObjectName) (O, error)
	entity func(O) event.Entity
}

// entitiesOfNodes are the nodes of the inventory.
func entitiesOfNodes(c *cluster.Cluster, nodes *nodeCache) *entitiesOf[*corev1.Node] {
	return &entitiesOf[*corev1.Node]{
		kind: event.Node, cached: c.Nodes, get: nodes.find, entity: event.OfNode,
		read: func(ctx context.Context, name cache.ObjectName) (*corev1.Node, error) {
			return c.Kubernetes.CoreV1().Nodes().Get(ctx, name.Name, metav1.GetOptions{})
		},
	}
}

// inventoried are the kinds of the inventory, apart from pods.
func inventoried(c *cluster.Cluster, nodes *entitiesOf[*corev1.Node]) map[event.Kind]entities {
	return map[event.Kind]entities{
		event.Slice:       custom(event.Slice, c.Slices, event.OfSlice),
		event.TrustDomain: custom(event.TrustDomain, c.TrustDomains, event.OfTrustDomain),
		event.Principal:   custom(event.Principal, c.Principals, event.OfPrincipal),
		event.Image:       custom(event.Image, c.Images, event.OfImage),
		event.Service:     custom(event.Service, c.KubernetesServices, event.OfService),
		event.Node:        nodes,
	}
}

func custom[O store.CustomObject](kind event.Kind, c *store.Custom[O], entity func(O) event.Entity) entities {
	return &entitiesOf[O]{kind: kind, cached: c.Resource, get: c.Get, read: c.WriteAs(store.PullWriter, nil).Read, entity: entity}
}

func (e *entitiesOf[O]) current(name cache.ObjectName, uid types.UID) (event.Entity, bool) {
	o, ok := e.get(name)
	if !ok || o.GetUID() != uid {
		return event.Entity{}, false
	}
	return e.entity(o), true
}

func (e *entitiesOf[O]) all() iter.Seq[delivery.Ref] {
	return func(yield func(delivery.Ref) bool) {
		for o := range e.cached.All() {
			if found, ok := e.get(cache.MetaObjectToName(o)); ok && found.GetUID() == o.GetUID() && !yield(e.ref(o)) {
				return
			}
		}
	}
}

func (e *entitiesOf[O]) exists(ctx context.Context, name cache.ObjectName, uid types.UID) (bool, error) {
	live, err := e.read(ctx, name)
	return isLive(string(e.kind), name, uid, live, err)
}

// isLive returns whether the answer to a read is an object of a UID.
func isLive(kind string, name cache.ObjectName, uid types.UID, live metav1.Object, err error) (bool, error) {
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("confirm the end of %s %s: %w", kind, name, apistatus.Redact(err, nil))
	}
	return live.GetUID() == uid, nil
}

func (e *entitiesOf[O]) watch(outbox *delivery.Outbox) error {
	return e.cached.Watch(store.Handler[O]{
		Add: func(o O, _ bool) { outbox.Enqueue(e.ref(o)) },
		Update: func(before, after O, _ bool) {
			if before.GetUID() != after.GetUID() {
				outbox.Ended(e.end(before, true))
			}
			if e.shows(before, after) {
				outbox.Enqueue(e.ref(after))
			}
		},
		Delete: func(last O, watched bool) { outbox.Ended(e.end(last, watched)) },
	})
}

// end is the end of an object. One of which Kafka was told no beginning is not worth an event.
func (e *entitiesOf[O]) end(last O, confirmed bool) delivery.End {
	return delivery.End{Entity: e.entity(last), Confirmed: confirmed}
}

// shows returns whether an object shows something else than before.
func (e *entitiesOf[O]) shows(before, after O) bool {
	was, is := e.entity(before), e.entity(after)
	was.ResourceVersion = is.ResourceVersion
	return !reflect.DeepEqual(was, is)
}

func (e *entitiesOf[O]) ref(o O) delivery.Ref {
	return delivery.Ref{ID: event.ID{Kind: e.kind, UID: o.GetUID()}, Name: cache.MetaObjectToName(o)}
}

// watchAll watches several kinds.
func watchAll(kinds map[event.Kind]entities, outbox *delivery.Outbox) error {
	var errs []error
	for _, kind := range kinds {
		errs = append(errs, kind.watch(outbox))
	}
	return errors.Join(errs...)
}

// instanceOf returns the instance that created or records a pod; nil where there is none.
func (c *counterparts) instanceOf(pod *corev1.Pod) *xosv1.KubernetesServiceInstance {
	name := cache.MetaObjectToName(pod)
	creator, created := c.creatorOf(pod)
	if created {
		name = creator.Name
	}
	i, ok := c.instances.Get(name)
	if !ok || (created && i.UID != creator.UID) || (!created && i.Status.PodUID != pod.UID) {
		return nil
	}
	return i
}
