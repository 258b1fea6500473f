package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

const readyTimeout = 60 * time.Second

// awaitAll waits until every object is there and as its spec wants it, by the
// rules of kstatus, which are also those of Flux and of "helm --wait".
func (c *cluster) awaitAll(ctx context.Context, objects []*unstructured.Unstructured) error {
	return c.awaitEach(ctx, objects, func(seen *unstructured.Unstructured) (bool, string, error) {
		result, err := status.Compute(seen)
		if err != nil {
			return false, "", err
		}
		return result.Status == status.CurrentStatus, fmt.Sprintf("%s: %s", result.Status, result.Message), nil
	})
}

// judge reports whether an object has come as far as it has to, and else what it
// lacks.
type judge func(*unstructured.Unstructured) (done bool, lacks string, err error)

// awaitEach waits until every object is there and its judge content. The error
// says of each one that is not what it lacks.
func (c *cluster) awaitEach(ctx context.Context, objects []*unstructured.Unstructured, judge judge) error {
	errs := make([]error, len(objects))
	var waits sync.WaitGroup
	for i, object := range objects {
		waits.Go(func() { errs[i] = c.awaitOne(ctx, object, judge) })
	}
	waits.Wait()
	return errors.Join(errs...)
}

func (c *cluster) awaitOne(ctx context.Context, object *unstructured.Unstructured, judge judge) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	lacks := "it does not exist"
	err := c.watch(ctx, object, func(e watch.Event) (done bool, err error) {
		seen, ok := e.Object.(*unstructured.Unstructured)
		if !ok || e.Type == watch.Deleted {
			lacks = "it was deleted"
			return false, nil
		}
		done, lacks, err = judge(seen)
		return done, err
	})
	if err != nil {
		return fmt.Errorf("%s is not ready: %s (%w)", manifests.Describe(object), lacks, err)
	}
	return nil
}

// watch follows one object until the condition holds.
func (c *cluster) watch(ctx context.Context, object *unstructured.Unstructured, until watchtools.ConditionFunc) error {
	client, err := c.Of(object)
	if err != nil {
		return err
	}
	only := fields.OneTermEqualSelector(metav1.ObjectNameField, object.GetName()).String()
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = only
			return client.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = only
			return client.Watch(ctx, options)
		},
	}
	_, err = watchtools.UntilWithSync(ctx, lw, &unstructured.Unstructured{}, nil, until)
	return err
}
