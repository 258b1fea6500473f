package launch

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// startStore starts etcd and waits until it serves: an API server that finds no
// etcd tries again only after a second.
func (p *Plane) startStore(ctx context.Context) error {
	child, err := p.launch(etcd, p.etcdArgs())
	if err != nil {
		return err
	}
	client, err := probeClient(p.ids.etcdAuthority, p.ids.etcdClient)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return p.awaitChild(ctx, child, client, https(p.addresses.Etcd)+"/readyz")
}

// startAPIServer returns when the API server is ready, so that nothing that is
// started after it meets a server without its RBAC roles.
func (p *Plane) startAPIServer(ctx context.Context) error {
	child, err := p.launch(apiServer, p.apiServerArgs())
	if err != nil {
		return err
	}
	client, err := probeClient(p.ids.authority, p.ids.admin.pair)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return p.awaitChild(ctx, child, client, https(p.addresses.APIServer)+"/readyz")
}

// startControl starts all that are clients of the API server, and waits until
// they did what a fresh cluster needs.
func (p *Plane) startControl(ctx context.Context) error {
	probe, err := probeClient(p.ids.authority, p.ids.admin.pair)
	if err != nil {
		return err
	}
	defer probe.CloseIdleConnections()
	client, err := adminClient(p.ids.admin.kubeconfig)
	if err != nil {
		return err
	}

	controllers, err := p.launch(controllerManager, p.controllerManagerArgs())
	if err != nil {
		return err
	}
	binder, err := p.launch(scheduler, p.schedulerArgs())
	if err != nil {
		return err
	}
	if p.options.Nodes > 0 {
		if _, err := p.launch(kwok, p.kwokArgs()); err != nil {
			return err
		}
	}

	waits, ctx := errgroup.WithContext(ctx)
	waits.Go(func() error { return createControllerAccounts(ctx, client) })
	waits.Go(func() error {
		return p.awaitChild(ctx, controllers, probe, https(p.addresses.ControllerManager)+"/healthz")
	})
	waits.Go(func() error { return p.awaitChild(ctx, binder, probe, https(p.addresses.Scheduler)+"/readyz") })
	waits.Go(func() error { return p.bringUpNodes(ctx, client) })
	waits.Go(func() error { return p.awaitDefaultAccount(ctx, client) })
	return waits.Wait()
}

func adminClient(kubeconfig string) (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read the administrator's kubeconfig: %w", err)
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	return client, nil
}
