package pull

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/fairqueue"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/pull/delivery"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

const defaultWorkers = 4

// Options are what a Puller is run with.
type Options struct {
	// Log is where events are published; they go nowhere where nil.
	Log delivery.Log
	// MayWrite returns an error while this process may not publish; nil means that it
	// always may.
	MayWrite func() error
	// OnPublish is called after each attempt to publish that changes whether events can be
	// published, with nil where they can; not at all where nil.
	OnPublish func(error)
	// Namespace is where the ends of pods are kept that nothing else remembers while Kafka is
	// away; they are kept in memory alone where empty.
	Namespace string
	// MaxPending bounds how many ends are kept there; delivery.DefaultMaxStored where 0.
	MaxPending int
	// OnGivenUp is called with the number of ends that were given up for that bound, each time
	// that one more is; not at all where nil.
	OnGivenUp func(total int)
	// Clock is the time; the real one where nil.
	Clock clock.WithTicker
	// Monitor learns which passes are under way; nil means none.
	Monitor *fairqueue.Monitor
	// Workers is how many instances are worked on at once; 4 where 0.
	Workers int
	// OnFullList is called after each full list with its time and the number of repairs it
	// led to, or with the error for which it is tried again; not at all where nil.
	OnFullList func(at time.Time, repairs int, err error)
}

// records reads and writes the custom resources that are records.
type records struct {
	instances    store.CustomWriter[*xosv1.KubernetesServiceInstance]
	slices       store.CustomWriter[*xosv1.Slice]
	principals   store.CustomWriter[*xosv1.Principal]
	trustDomains store.CustomWriter[*xosv1.TrustDomain]
	images       store.CustomWriter[*xosv1.Image]
}

func newRecords(c *cluster.Cluster) *records {
	return &records{
		instances:    c.KubernetesServiceInstances.WriteAs(store.PullWriter, nil),
		slices:       c.Slices.WriteAs(store.PullWriter, nil),
		principals:   c.Principals.WriteAs(store.PullWriter, nil),
		trustDomains: c.TrustDomains.WriteAs(store.PullWriter, nil),
		images:       c.Images.WriteAs(store.PullWriter, nil),
	}
}

// Puller keeps the inventory of one cluster's pods.
type Puller struct {
	cluster *cluster.Cluster
	opts    Options

	*records
	resolver *owners.Resolver
	queue    *instanceQueue

	selector     *podSelector
	counterparts *counterparts
	garbage      *garbageCollector
	handlers     *handlers
	lister       *podLister
	events       *podEvents
	unmanaged    *recordReconciler
	managed      *managedReconciler
	nodes        *nodeReconciler
}

// New makes a Puller for a cluster, which must not have been started. It sends
// nothing.
func New(c *cluster.Cluster, opts Options) (*Puller, error) {
	if opts.Clock == nil {
		opts.Clock = clock.RealClock{}
	}
	opts.Workers = cmp.Or(opts.Workers, defaultWorkers)
	r := newRecords(c)
	resolver, pods := owners.New(c, opts.Clock), newPodCache(c.Pods.Resource)
	queue := &instanceQueue{newQueue("pull", opts, func(o cache.ObjectName) string { return o.Namespace }), c, resolver, nil}
	confirmed := &counterparts{cluster: c, records: r, departed: newDepartures(opts.Clock)}
	instancePods := &instancePods{podCache: pods, cluster: c, counterparts: confirmed, queue: queue}
	selector := newPodSelector(c)
	dependents := &dependents{cluster: c, records: r, resolver: resolver, counterparts: confirmed}
	garbage := &garbageCollector{
		cluster: c, records: r, resolver: resolver, counterparts: confirmed, dependents: dependents, selector: selector,
		queue: newQueue("pull-sweep", opts, func(d dependent) string { return d.name.Namespace }),
	}
	nodes := newNodeReconciler(c, opts, selector)
	events := newPodEvents(c, opts, pods, nodes.nodes, confirmed, selector)
	nodes.corrected = events.nodeCorrected
	events.settled, queue.events = func(name cache.ObjectName) { queue.Add(name) }, events
	p := &Puller{
		cluster: c, opts: opts, records: r, resolver: resolver, queue: queue,
		selector: selector, counterparts: confirmed, garbage: garbage, events: events,
		unmanaged: &recordReconciler{
			cluster: c, records: r, clock: opts.Clock, queue: queue, pods: instancePods,
			selector: selector, dependents: dependents, events: events,
		},
		managed: &managedReconciler{instances: r.instances, pods: instancePods, selector: selector, events: events},
		nodes:   nodes,
	}
	p.handlers = &handlers{
		cluster: c, records: r, resolver: resolver, queue: queue, pods: pods, selector: selector, counterparts: confirmed,
		garbage: garbage, managed: p.managed, events: events,
	}
	selector.changed = func(before, after *record.Selection) {
		p.handlers.selectionChanged(before, after)
		p.nodes.selectionChanged(before, after)
	}
	p.lister = &podLister{
		cluster: c, clock: opts.Clock, pods: pods, selector: selector, gone: p.handlers.missedEnd, found: queue.addPod, nodes: p.nodes, onListed: p.listed,
	}
	p.addIndexes()
	if err := errors.Join(p.handlers.watch(), p.nodes.watch(), events.watch()); err != nil {
		return nil, fmt.Errorf("set up the pull: %w", err)
	}
	return p, nil
}

// newQueue makes a queue in which namespaces take turns: however much one has, it does
// not keep the events of another's pods back.
func newQueue[K comparable](name string, opts Options, namespace func(K) string) workqueue.TypedRateLimitingInterface[K] {
	return fairqueue.NewWorkqueue(name, opts.Clock, fairqueue.New(namespace, 0), opts.Monitor)
}

// LastFullList is the time of the last full list of pods; zero before the first.
func (p *Puller) LastFullList() time.Time {
	if at := p.lister.last.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// Run works until the context ends. It returns early only where a cache can't be
// filled. The cluster must have been started.
func (p *Puller) Run(ctx context.Context) error {
	defer p.queue.ShutDown()
	defer p.garbage.queue.ShutDown()
	defer p.nodes.queue.ShutDown()
	if !cache.WaitForCacheSync(ctx.Done(), p.synced) {
		if ctx.Err() != nil {
			return nil
		}
		return errors.New("caches of the pull did not fill")
	}
	if p.events.outbox == nil {
		klog.FromContext(ctx).Info("No Kafka broker is configured: pods are inventoried, their events go nowhere")
	}
	if !p.selector.choose(ctx) {
		return nil
	}
	var workers sync.WaitGroup
	for range p.opts.Workers {
		workers.Go(func() { work(ctx, "instance", p.queue, p.reconcile) })
	}
	workers.Go(func() { work(ctx, "dependent", p.garbage.queue, p.garbage.collect) })
	workers.Go(func() { work(ctx, "node", p.nodes.queue, p.nodes.reconcile) })
	workers.Go(func() { p.lister.resync(ctx) })
	if p.events.outbox != nil {
		workers.Go(func() { p.events.outbox.Run(ctx) })
	}
	<-ctx.Done()
	p.queue.ShutDown()
	p.garbage.queue.ShutDown()
	p.nodes.queue.ShutDown()
	workers.Wait()
	return nil
}

// listed is called after each full list of pods. Owners of kinds that are not watched
// may have gone since the last one.
func (p *Puller) listed(at time.Time, repairs int, err error) {
	if p.opts.OnFullList != nil {
		p.opts.OnFullList(at, repairs, err)
	}
	if err != nil {
		return
	}
	p.garbage.enqueuePulled()
	p.events.listed()
}

func (p *Puller) synced() bool {
	c := p.cluster
	for _, synced := range []cache.InformerSynced{
		c.KubernetesServices.HasSynced, c.KubernetesServiceInstances.HasSynced, c.Slices.HasSynced, c.Principals.HasSynced,
		c.TrustDomains.HasSynced, c.Images.HasSynced, c.Namespaces.HasSynced, c.Pods.HasSynced, c.Nodes.HasSynced, c.KubernetesNodes.HasSynced, p.resolver.HasSynced,
	} {
		if !synced() {
			return false
		}
	}
	return true
}

// work takes keys off a queue until it is shut down.
func work[K comparable](ctx context.Context, what string, queue workqueue.TypedRateLimitingInterface[K], reconcile func(context.Context, K) error) {
	for {
		key, shutdown := queue.Get()
		if shutdown {
			return
		}
		err := reconcile(ctx, key)
		switch {
		case ctx.Err() != nil: // a shutdown is no failure
		case err != nil:
			klog.FromContext(ctx).Info("Trying again", "what", what, "name", key, "tries", queue.NumRequeues(key)+1, "reason", err.Error())
			queue.AddRateLimited(key)
		default:
			queue.Forget(key)
		}
		queue.Done(key)
	}
}

// jittered keeps the full lists of several managers apart.
func jittered(period time.Duration) time.Duration { return wait.Jitter(period, 0.1) }

// reconcile makes the instance of this name be as its pod is.
func (p *Puller) reconcile(ctx context.Context, name cache.ObjectName) error {
	instance, ok := p.instances.Get(name)
	if ok {
		released, remains, err := p.removeFinalizer(ctx, instance)
		if err != nil || !remains {
			return err
		}
		instance = released
	}
	switch {
	case !ok:
		return p.unmanaged.create(ctx, name)
	case xosv1.IsManaged(instance):
		return p.managed.reconcile(ctx, instance)
	}
	return p.unmanaged.reconcile(ctx, instance)
}

// ClusterUID names the cluster: the UID of a namespace that each one has.
func ClusterUID(c *cluster.Cluster) (types.UID, error) {
	namespace, ok := c.Namespaces.Get(cache.NewObjectName("", "kube-system"))
	if !ok {
		return "", errors.New("namespace kube-system, whose UID names the cluster, is not there")
	}
	return namespace.UID, nil
}
