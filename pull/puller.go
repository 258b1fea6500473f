package pull

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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
	"xos.opencord.org/kubernetes-service/pull/record"
)

const (
	defaultWorkers = 4
	// defaultHold is what the documentation promises.
	defaultHold = 30 * time.Second
	// defaultPatience is more than a healthy broker takes.
	defaultPatience = 5 * time.Second
)

// Options are what a Puller is run with.
type Options struct {
	// Publisher takes the events; they go nowhere where nil.
	Publisher Publisher
	// Clock is the time; the real one where nil.
	Clock clock.WithTicker
	// Workers is how many instances are worked on at once; 4 where 0.
	Workers int
	// Patience is how long a worker waits for an event to be acknowledged
	// before it goes on without; 5 s where 0.
	Patience time.Duration
	// Hold is how long an instance whose name another pod has is kept, and the end
	// of a pod without an instance is remembered, because Kafka has not taken its
	// last event; 30 s where 0. After that the event is lost.
	Hold time.Duration
	// OnFullList is called after each full list with its time and the number
	// of repairs it led to; not at all where nil.
	OnFullList func(at time.Time, repairs int)
}

// Puller keeps the inventory of one cluster's pods.
type Puller struct {
	cluster *cluster.Cluster
	opts    Options

	instances    store.CustomWriter[*xosv1.KubernetesServiceInstance]
	slices       store.CustomWriter[*xosv1.Slice]
	principals   store.CustomWriter[*xosv1.Principal]
	trustDomains store.CustomWriter[*xosv1.TrustDomain]
	images       store.CustomWriter[*xosv1.Image]
	pods         *pods
	natives      *natives

	// queue holds names of instances, sweeps those of what they depend on.
	queue  workqueue.TypedRateLimitingInterface[cache.ObjectName]
	sweeps workqueue.TypedRateLimitingInterface[dependent]

	selection    atomic.Pointer[record.Selection]
	reselected   chan struct{}
	lastFullList atomic.Pointer[time.Time]
	memory       *memory
	departed     departures
	// chosen is closed when it is known for the first time what is inventoried.
	chosen     chan struct{}
	chooseOnce sync.Once
	choosing   sync.Mutex
	// creating is held while a dependent is made, so that two workers that
	// need the same one don't both make it.
	creating sync.Mutex
	// obstructed are the pods of which was said that their name is taken.
	obstructed sync.Map
}

// New makes a Puller for a cluster, which must not have been started. It sends
// nothing.
func New(c *cluster.Cluster, opts Options) (*Puller, error) {
	if opts.Clock == nil {
		opts.Clock = clock.RealClock{}
	}
	opts.Workers = orDefault(opts.Workers, defaultWorkers)
	opts.Patience = orDefault(opts.Patience, defaultPatience)
	opts.Hold = orDefault(opts.Hold, defaultHold)
	p := &Puller{
		cluster: c, opts: opts,
		instances:    c.KubernetesServiceInstances.WriteAs(store.PullWriter, nil),
		slices:       c.Slices.WriteAs(store.PullWriter, nil),
		principals:   c.Principals.WriteAs(store.PullWriter, nil),
		trustDomains: c.TrustDomains.WriteAs(store.PullWriter, nil),
		images:       c.Images.WriteAs(store.PullWriter, nil),
		pods:         newPods(c.Pods.Resource),
		natives:      newNatives(c, opts.Clock),
		queue:        newQueue("pull", opts.Clock, func(o cache.ObjectName) string { return o.Namespace }),
		sweeps:       newQueue("pull-sweep", opts.Clock, func(d dependent) string { return d.name.Namespace }),
		reselected:   make(chan struct{}, 1),
		memory:       newMemory(),
		departed:     newDepartures(opts.Clock),
		chosen:       make(chan struct{}),
	}
	p.selection.Store(record.SelectNothing())
	p.addIndexes()
	if err := p.watch(); err != nil {
		return nil, fmt.Errorf("set up the pull: %w", err)
	}
	return p, nil
}

// newQueue makes a queue in which namespaces take turns: however much one has, it does
// not keep the events of another's pods back.
func newQueue[K comparable](name string, clock clock.WithTicker, namespace func(K) string) workqueue.TypedRateLimitingInterface[K] {
	return fairqueue.NewWorkqueue(name, clock, fairqueue.New(namespace, 0))
}

func orDefault[N int | time.Duration](value, fallback N) N {
	if value == 0 {
		return fallback
	}
	return value
}

// LastFullList is the time of the last full list of pods; zero before the first.
func (p *Puller) LastFullList() time.Time {
	if at := p.lastFullList.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// Run works until the context ends. It returns early only where a cache can't be
// filled. The cluster must have been started.
func (p *Puller) Run(ctx context.Context) error {
	defer p.queue.ShutDown()
	defer p.sweeps.ShutDown()
	if !cache.WaitForCacheSync(ctx.Done(), p.synced) {
		if ctx.Err() != nil {
			return nil
		}
		return errors.New("caches of the pull did not fill")
	}
	if p.opts.Publisher == nil {
		klog.FromContext(ctx).Info("No Kafka broker is configured: pods are inventoried, their events go nowhere")
	}
	if !p.choose(ctx) {
		return nil
	}
	var workers sync.WaitGroup
	for range p.opts.Workers {
		workers.Go(func() { work(ctx, "instance", p.queue, p.reconcile) })
	}
	workers.Go(func() { work(ctx, "dependent", p.sweeps, p.sweep) })
	workers.Go(func() { p.resync(ctx) })
	<-ctx.Done()
	p.queue.ShutDown()
	p.sweeps.ShutDown()
	workers.Wait()
	return nil
}

func (p *Puller) synced() bool {
	c := p.cluster
	for _, synced := range []cache.InformerSynced{
		c.KubernetesServices.HasSynced, c.KubernetesServiceInstances.HasSynced, c.Slices.HasSynced, c.Principals.HasSynced,
		c.TrustDomains.HasSynced, c.Images.HasSynced, c.Namespaces.HasSynced, c.Pods.HasSynced, c.Nodes.HasSynced, p.natives.synced,
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

// clusterUID names the cluster: the UID of a namespace that each one has.
func (p *Puller) clusterUID() (types.UID, error) {
	namespace, ok := p.cluster.Namespaces.Get(cache.NewObjectName("", "kube-system"))
	if !ok {
		return "", errors.New("namespace kube-system, whose UID names the cluster, is not there")
	}
	return namespace.UID, nil
}

// jittered keeps the full lists of several managers apart.
func jittered(period time.Duration) time.Duration { return wait.Jitter(period, 0.1) }
