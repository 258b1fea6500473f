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
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"

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

// programs are those that are measured.
type programs struct{ manager, caches string }

// turns are a scenario three times: for the manager, and for the floor before and
// after it.
type turns struct{ before, managed, after scenario }

// measure runs a scenario: the manager from its first resource to its last, with a
// repair, a restart and a rest between, and the floor before and after.
func (b *bench) measure(ctx context.Context, t turns, p programs, idle time.Duration) error {
	fmt.Fprintf(os.Stderr, "%s: %d\n", t.managed.name, t.managed.count)
	before, err := b.floor(ctx, t.before)
	if err != nil {
		return fmt.Errorf("floor before: %w", err)
	}
	managed, err := b.managed(ctx, t.managed, p, idle)
	if err != nil {
		return err
	}
	after, err := b.floor(ctx, t.after)
	if err != nil {
		return fmt.Errorf("floor after: %w", err)
	}
	b.table.report(t.managed, managed, mean(before, after), idle)
	return nil
}

// managed is the manager's turn.
func (b *bench) managed(ctx context.Context, s scenario, p programs, idle time.Duration) (f figures, err error) {
	m, err := startManager(ctx, p.manager, b.kubeconfig, filepath.Join(filepath.Dir(b.dir), s.name+".log"))
	if err != nil {
		return f, err
	}
	defer func() { m.stop() }()
	if err := b.prepare(ctx, s); err != nil {
		return f, err
	}
	if err := m.awaitQuiet(ctx, 2*time.Second); err != nil {
		return f, err
	}
	if err := b.materialize(ctx, s, m, &f); err != nil {
		return f, err
	}
	if err := b.repair(ctx, s, m, &f); err != nil {
		return f, err
	}
	m.stop()
	if f.caches, err = fillCaches(ctx, p.caches, b.kubeconfig); err != nil {
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

var definitionResource = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

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
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	return object, json.Unmarshal(data, &object.Object)
}
