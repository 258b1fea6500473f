package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/generated/informers/externalversions"
	xoslisters "xos.opencord.org/kubernetes-service/generated/listers/xos/v1"
)

// applyOptions say that what this program declares is its own: another client's change of it is undone.
var applyOptions = metav1.ApplyOptions{FieldManager: "greetings", Force: true}

// controller has the models be as the greetings say, and the greetings report what becomes of them.
type controller struct {
	xos       versioned.Interface
	greetings dynamic.ResourceInterface
	queue     workqueue.TypedRateLimitingInterface[string]

	ownModels dynamicinformer.DynamicSharedInformerFactory
	xosModels externalversions.SharedInformerFactory
	known     cache.GenericNamespaceLister
	instances xoslisters.KubernetesServiceInstanceNamespaceLister
	images    xoslisters.ImageLister
}

func newController(xos versioned.Interface, greetings dynamic.Interface) *controller {
	c := &controller{
		xos: xos, greetings: greetings.Resource(greetingResource).Namespace(domainName),
		queue:     workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
		ownModels: dynamicinformer.NewFilteredDynamicSharedInformerFactory(greetings, 0, domainName, nil),
		xosModels: externalversions.NewSharedInformerFactoryWithOptions(xos, 0, externalversions.WithNamespace(domainName)),
	}
	c.known = c.ownModels.ForResource(greetingResource).Lister().ByNamespace(domainName)
	c.instances = c.xosModels.Xos().V1().KubernetesServiceInstances().Lister().KubernetesServiceInstances(domainName)
	c.images = c.xosModels.Xos().V1().Images().Lister()
	return c
}

// run works until the context ends.
func (c *controller) run(ctx context.Context) error {
	// A greeting's models have its name, so that an event of either is the greeting's.
	enqueue := cache.ResourceEventHandlerFuncs{
		AddFunc:    c.enqueue,
		UpdateFunc: func(_, object any) { c.enqueue(object) },
		DeleteFunc: c.enqueue,
	}
	for _, informer := range []cache.SharedInformer{
		c.ownModels.ForResource(greetingResource).Informer(), c.xosModels.Xos().V1().KubernetesServiceInstances().Informer(),
	} {
		if _, err := informer.AddEventHandler(enqueue); err != nil {
			return fmt.Errorf("watch: %w", err)
		}
	}
	if _, err := c.xos.XosV1().TrustDomains().Apply(ctx, domain(), applyOptions); err != nil {
		return fmt.Errorf("apply the trust domain: %w", err)
	}
	c.ownModels.Start(ctx.Done())
	c.xosModels.Start(ctx.Done())
	c.ownModels.WaitForCacheSync(ctx.Done())
	c.xosModels.WaitForCacheSync(ctx.Done())
	klog.FromContext(ctx).Info("Working", "namespace", domainName)

	var worker sync.WaitGroup
	worker.Go(func() {
		for c.reconcileNext(ctx) {
		}
	})
	<-ctx.Done()
	c.queue.ShutDown()
	worker.Wait()
	return nil
}

func (c *controller) enqueue(object any) {
	if name, err := cache.DeletionHandlingObjectToName(object); err == nil {
		c.queue.Add(name.Name)
	}
}

func (c *controller) reconcileNext(ctx context.Context) bool {
	name, stopped := c.queue.Get()
	if stopped {
		return false
	}
	defer c.queue.Done(name)
	if err := c.reconcile(ctx, name); err != nil && ctx.Err() == nil {
		klog.FromContext(ctx).Error(err, "Trying again", "greeting", name)
		c.queue.AddRateLimited(name)
		return true
	}
	c.queue.Forget(name)
	return true
}

// reconcile applies what a greeting declares, and reports what there is of it.
func (c *controller) reconcile(ctx context.Context, name string) error {
	object, err := c.known.Get(name)
	if apierrors.IsNotFound(err) {
		return nil // what it had is deleted by the garbage collector
	}
	if err != nil {
		return fmt.Errorf("look the greeting up: %w", err)
	}
	g := &greeting{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.(*unstructured.Unstructured).Object, g); err != nil {
		return fmt.Errorf("read the greeting: %w", err)
	}
	if g.DeletionTimestamp != nil {
		return nil
	}
	failed := c.apply(ctx, g)
	status := g.Status
	c.observe(&status, g.Name, failed)
	if status == g.Status {
		return failed
	}
	status.Announced = 0 // left out: announce writes it, and may have since
	return errors.Join(failed, c.patchStatus(ctx, g.Name, status))
}

// apply applies all models of a greeting. The mounts come before the instance, so that its pod has them
// from the start.
func (c *controller) apply(ctx context.Context, g *greeting) error {
	images, err := c.images.List(labels.Everything())
	if err != nil {
		return fmt.Errorf("list images: %w", err)
	}
	xos := c.xos.XosV1()
	name, missing := image(images)
	if missing != nil {
		_, err = xos.Images().Apply(ctx, missing, applyOptions)
	}
	failed := []error{err}
	try := func(_ any, err error) { failed = append(failed, err) }
	try(xos.Slices(domainName).Apply(ctx, slice(), applyOptions))
	try(xos.KubernetesConfigMaps(g.Namespace).Apply(ctx, configMap(g), applyOptions))
	try(xos.KubernetesConfigVolumeMounts(g.Namespace).Apply(ctx, configMount(g), applyOptions))
	if g.Spec.Secret != "" {
		try(xos.KubernetesSecrets(g.Namespace).Apply(ctx, secret(g), applyOptions))
		try(xos.KubernetesSecretVolumeMounts(g.Namespace).Apply(ctx, secretMount(g), applyOptions))
	}
	try(xos.KubernetesServiceInstances(g.Namespace).Apply(ctx, instance(g, name), applyOptions))
	return errors.Join(failed...)
}

// observe reads a greeting's status off its instance, whose conditions name what is missing and the way out.
func (c *controller) observe(status *greetingStatus, name string, failed error) {
	status.Ready, status.Address, status.Message = false, "", "its instance is not there yet"
	if i, err := c.instances.Get(name); err == nil {
		if ready := meta.FindStatusCondition(i.Status.Conditions, xosv1.ConditionReady); ready != nil {
			status.Ready, status.Message = ready.Status == metav1.ConditionTrue, ready.Message
		}
		status.Address = i.Status.PodIP
	}
	if failed != nil {
		status.Ready, status.Message = false, failed.Error()
	}
}

// announce is called for each pod of a greeting that begins, also for one that takes another's place. A service
// that keeps state in its pods pushes it here; this one notes the pod. A pod may be announced to it more than
// once, so what is done here has to be right twice.
func (c *controller) announce(ctx context.Context, name string, pod int64) error {
	err := c.patchStatus(ctx, name, map[string]int64{"announced": pod})
	if apierrors.IsNotFound(err) {
		return nil // it has ended meanwhile
	}
	return err
}

func (c *controller) patchStatus(ctx context.Context, name string, status any) error {
	patch, err := json.Marshal(map[string]any{"status": status})
	if err != nil {
		return fmt.Errorf("encode the status: %w", err)
	}
	_, err = c.greetings.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: applyOptions.FieldManager}, "status")
	if err != nil {
		return fmt.Errorf("report the status: %w", err)
	}
	return nil
}
