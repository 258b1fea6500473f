package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/plane/launch"
	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

// bench is a run: a plane, the loader's connections and the table.
type bench struct {
	plane *launch.Plane
	// logs is the directory of the managers' logs.
	logs  string
	all   []clients
	table measure.Table
}

func newBench(ctx context.Context) (*bench, error) {
	p, err := launch.Start(ctx, launch.Options{Nodes: 4, CRDs: "crds", NoAuditLog: true}, os.Stderr)
	if err != nil {
		return nil, err
	}
	b := &bench{plane: p}
	if err := b.connect(); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bench) close() error { return errors.Join(b.plane.Discard(os.Stderr), os.RemoveAll(b.logs)) }

// connect opens the connections.
func (b *bench) connect() (err error) {
	if b.logs, err = os.MkdirTemp("", "xos-bench-"); err != nil {
		return err
	}
	for range connections {
		c, err := newClients(b.plane.Config())
		if err != nil {
			return err
		}
		b.all = append(b.all, c)
	}
	return nil
}

// programs are those that are measured.
type programs struct{ manager, caches string }

// turns are a scenario several times: for the manager, and for the floor before and after each of
// its turns. What else the machine does falls on both.
type turns struct{ managed, floor []scenario }

// measure runs a scenario. Of the manager's turns all but the last end when everything is ready; the
// last one goes on with a repair, a restart and a rest.
func (b *bench) measure(ctx context.Context, t turns, p programs, idle time.Duration) error {
	last := t.managed[len(t.managed)-1]
	fmt.Fprintf(os.Stderr, "%s: %d\n", last.name, last.count)
	var floors []floor
	var all []figures
	for i, raw := range t.floor {
		f, err := b.floor(ctx, raw)
		if err != nil {
			return fmt.Errorf("floor %d: %w", i, err)
		}
		if floors = append(floors, f); i == len(t.managed) {
			break
		}
		managed, err := b.managed(ctx, t.managed[i], p, idle, i == len(t.managed)-1)
		if err != nil {
			return err
		}
		all = append(all, managed)
	}
	report(&b.table, last, meanOfTurns(all), mean(floors), idle)
	return nil
}

// managed is a turn of the manager's.
func (b *bench) managed(ctx context.Context, s scenario, p programs, idle time.Duration, whole bool) (f figures, err error) {
	m, err := startManager(ctx, p.manager, b.plane.Kubeconfig(), filepath.Join(b.logs, s.name+".log"))
	if err != nil {
		return f, err
	}
	defer func() { m.Stop() }()
	if err := b.prepare(ctx, s); err != nil {
		return f, err
	}
	if err := m.AwaitQuiet(ctx, 2*time.Second); err != nil {
		return f, err
	}
	if err := b.materialize(ctx, s, m, &f); err != nil {
		return f, err
	}
	if !whole {
		return f, b.remove(ctx, s, &f)
	}
	if err := b.repair(ctx, s, m, &f); err != nil {
		return f, err
	}
	m.Stop()
	if f.caches, err = fillCaches(ctx, p.caches, b.plane.Kubeconfig()); err != nil {
		return f, err
	}
	if m, err = b.restart(ctx, p.manager, &f); err != nil {
		return f, err
	}
	if err := b.rest(ctx, m, idle, &f); err != nil {
		return f, err
	}
	return f, b.remove(ctx, s, &f)
}

// prepare makes the namespace, its trust domain and what a scenario shares.
func (b *bench) prepare(ctx context.Context, s scenario) error {
	c := b.all[0]
	_, err := c.kube.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.domain}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	_, err = c.xos.XosV1().TrustDomains().Create(ctx, &xosv1.TrustDomain{ObjectMeta: metav1.ObjectMeta{Name: s.domain},
		Spec: xosv1.TrustDomainSpec{Lifecycle: xosv1.Lifecycle{Adopt: xosv1.AdoptIfUnowned}, AllowedRoles: []string{role}}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	if s.prepare == nil {
		return nil
	}
	if err := s.prepare(ctx, c); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	return nil
}

// clear removes everything: the custom resources, the trust domain and the
// namespace with all that is in it.
func (b *bench) clear(ctx context.Context, domain string) error {
	c := b.all[0]
	for _, resource := range []string{"kubernetesresourceinstances", "kubernetesserviceinstances", "slices", "principals", "kubernetesconfigvolumemounts", "kubernetesconfigmaps"} {
		if err := c.dynamic.Resource(xos(resource)).Namespace(domain).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
			return err
		}
	}
	if err := c.dynamic.Resource(xos("trustdomains")).Delete(ctx, domain, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	if err := c.kube.CoreV1().Namespaces().Delete(ctx, domain, metav1.DeleteOptions{}); err != nil {
		return err
	}
	return b.awaitNamespaceGone(ctx, domain)
}

func (b *bench) awaitNamespaceGone(ctx context.Context, domain string) error {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		_, err := b.all[0].kube.CoreV1().Namespaces().Get(ctx, domain, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
