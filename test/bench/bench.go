package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// bench is a run: a plane, the loader's connections and the table.
type bench struct {
	plane      *exec.Cmd
	dir        string
	kubeconfig string
	all        []clients
	table      table
}

func newBench(ctx context.Context, program string) (*bench, error) {
	dir, err := os.MkdirTemp("", "xos-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{dir: filepath.Join(dir, "plane")}
	b.kubeconfig = filepath.Join(b.dir, "kubeconfig")
	b.plane = exec.Command(program, "up", "--dir", b.dir, "--nodes", "4") //nolint:gosec // the plane's own program
	b.plane.Stdout, b.plane.Stderr = os.Stderr, os.Stderr
	if err := b.plane.Start(); err != nil {
		return nil, fmt.Errorf("start the plane: %w", err)
	}
	if err := b.connect(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() {
	_ = b.plane.Process.Signal(syscall.SIGINT)
	_ = b.plane.Wait()
	_ = os.RemoveAll(filepath.Dir(b.dir))
}

// connect waits for the plane, opens the connections and installs the kinds.
func (b *bench) connect(ctx context.Context) error {
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute) // the first build is long
	defer cancel()
	for {
		if _, err := os.Stat(filepath.Join(b.dir, "ready.json")); err == nil {
			break
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("wait for the plane: %w", ctx.Err())
		}
	}
	config, err := clientcmd.BuildConfigFromFlags("", b.kubeconfig)
	if err != nil {
		return err
	}
	for range connections {
		c, err := newClients(config)
		if err != nil {
			return err
		}
		b.all = append(b.all, c)
	}
	return installKinds(ctx, b.all[0])
}

// measure runs a scenario: the floor first, then the manager from its first
// resource to its last, a repair, a restart and a rest between. The two have a
// namespace each: for a while after a namespace was deleted, the API server looks
// a new one of its name up in etcd with each write.
func (b *bench) measure(ctx context.Context, raw, s scenario, program string, idle time.Duration) error {
	fmt.Fprintf(os.Stderr, "%s: %d\n", s.name, s.count)
	floor, err := b.floor(ctx, raw)
	if err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	m, err := startManager(ctx, program, b.kubeconfig, filepath.Join(filepath.Dir(b.dir), s.name+".log"))
	if err != nil {
		return err
	}
	defer func() { m.stop() }()
	if err := b.prepare(ctx, s); err != nil {
		return err
	}
	if err := m.awaitQuiet(ctx, 2*time.Second); err != nil {
		return err
	}
	if err := b.materialize(ctx, s, m, floor); err != nil {
		return err
	}
	if err := b.repair(ctx, s, m); err != nil {
		return err
	}
	m.stop()
	if m, err = b.restart(ctx, s, program); err != nil {
		return err
	}
	if err := b.rest(ctx, s, m, idle); err != nil {
		return err
	}
	return b.remove(ctx, s, floor)
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

// installKinds applies crds/ and waits until they are served.
func installKinds(ctx context.Context, c clients) error {
	files, err := filepath.Glob("crds/*.yaml")
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no crds/*.yaml here: run from the top of the repository")
	}
	definitions := c.dynamic.Resource(definitionResource)
	for _, file := range files {
		object, err := readYAML(file)
		if err != nil {
			return err
		}
		if _, err := definitions.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: "bench", Force: true}); err != nil {
			return fmt.Errorf("apply %s: %w", file, err)
		}
	}
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		if _, err := c.xos.XosV1().TrustDomains().List(ctx, metav1.ListOptions{}); err == nil {
			if _, err := c.xos.XosV1().KubernetesSecretVolumeMounts("").List(ctx, metav1.ListOptions{}); err == nil {
				return nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func readYAML(file string) (*unstructured.Unstructured, error) {
	text, err := os.ReadFile(file) //nolint:gosec // one of the repository's
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	data, err := toJSON(text)
	if err != nil {
		return nil, err
	}
	return object, json.Unmarshal(data, &object.Object)
}
