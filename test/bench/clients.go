package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"

	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
)

// connections is how many the loader and the floor use.
const connections = 16

// clients are those of one connection.
type clients struct {
	kube     kubernetes.Interface
	xos      versioned.Interface
	dynamic  dynamic.Interface
	metadata metadata.Interface
	// appliers act as the ServiceAccount of that name, by namespace.
	appliers map[string]kubernetes.Interface
}

// newClients makes clients with a connection of their own and without limits.
func newClients(config *rest.Config) (c clients, err error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	// A dial function of its own keeps client-go from sharing the connection.
	config.Dial = (&net.Dialer{}).DialContext
	if c.xos, err = versioned.NewForConfig(config); err != nil {
		return c, err
	}
	if c.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return c, err
	}
	if c.metadata, err = metadata.NewForConfig(config); err != nil {
		return c, err
	}
	native := rest.CopyConfig(config)
	native.ContentType = "application/vnd.kubernetes.protobuf"
	if c.kube, err = kubernetes.NewForConfig(native); err != nil {
		return c, err
	}
	c.appliers = map[string]kubernetes.Interface{}
	for _, prefix := range floorPrefixes {
		namespace := prefix + resourceInstancesSuffix
		native.Impersonate.UserName = "system:serviceaccount:" + namespace + ":" + applier
		if c.appliers[namespace], err = kubernetes.NewForConfig(native); err != nil {
			return c, err
		}
	}
	return c, nil
}

// each calls do for 0 to n-1, spread over the connections, and returns the first
// error.
func each(ctx context.Context, all []clients, n int, do func(context.Context, clients, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var working sync.WaitGroup
	for _, c := range all {
		working.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(ctx, c, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	working.Wait()
	return context.Cause(ctx)
}
