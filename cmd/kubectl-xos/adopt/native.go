package adopt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/metadata"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/change"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/lifecycle"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// natives reads and annotates native objects by their metadata alone: the values of Secrets
// never leave the cluster.
type natives struct{ metadata.Interface }

func newNatives(c *change.Client) (*natives, error) {
	client, err := metadata.NewForConfig(c.Config)
	if err != nil {
		return nil, fmt.Errorf("connect to the cluster: %w", err)
	}
	return &natives{client}, nil
}

// native is a native object; live is nil where there is none.
type native struct {
	lifecycle.Native
	live *metav1.PartialObjectMetadata
}

func (n *natives) of(o lifecycle.Native) metadata.ResourceInterface {
	return n.Resource(o.GroupVersion().WithResource(o.Resource)).Namespace(o.Name.Namespace)
}

func (n *natives) read(ctx context.Context, o lifecycle.Native) (*native, error) {
	live, err := n.of(o).Get(ctx, o.Name.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return &native{Native: o}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", o, err)
	}
	return &native{o, live}, nil
}

// consent annotates the very object that was read.
func (n *natives) consent(ctx context.Context, c *change.Client, o *native) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid": o.live.UID, "annotations": map[string]any{xosv1.AdoptableAnnotation: "true"},
	}})
	if err != nil {
		return fmt.Errorf("encode a patch: %w", err)
	}
	_, err = n.of(o.Native).Patch(ctx, o.Name.Name, types.MergePatchType, patch, metav1.PatchOptions{FieldManager: change.FieldManager, DryRun: c.DryRun()})
	return err
}

func planAdoption(ctx context.Context, c *change.Client, objects *natives, t change.Target) (*plan, error) {
	o, err := c.Get(ctx, t)
	if err != nil {
		return nil, err
	}
	domain, namespace, err := domainOf(ctx, c, o)
	if err != nil {
		return nil, err
	}
	named, err := lifecycle.NativeOf(o, namespace)
	if err != nil {
		return nil, err
	}
	found, err := objects.read(ctx, named)
	if err != nil {
		return nil, err
	}
	decide := func(o *unstructured.Unstructured) (lifecycle.Takeover, error) {
		if found.live == nil {
			return lifecycle.Adopt(o, named, nil, domain)
		}
		return lifecycle.Adopt(o, named, found.live, domain)
	}
	takeover, err := decide(o)
	return &plan{t, takeover, found, asShown(o, decide)}, err
}

func planRelease(ctx context.Context, c *change.Client, _ *natives, t change.Target) (*plan, error) {
	o, err := c.Get(ctx, t)
	if err != nil {
		return nil, err
	}
	takeover, err := lifecycle.Release(o)
	return &plan{t, takeover, nil, asShown(o, lifecycle.Release)}, err
}

// asShown refuses to decide on another object than the one of which the effects were shown, or on
// another spec.
func asShown(o *unstructured.Unstructured, decide decision) decision {
	return func(now *unstructured.Unstructured) (lifecycle.Takeover, error) {
		if now.GetUID() != o.GetUID() || now.GetGeneration() != o.GetGeneration() {
			return lifecycle.Takeover{}, errors.New("was changed since it was shown: call the command again to see what would happen")
		}
		return decide(now)
	}
}

// domainOf returns what the trust domain of an object says of adoption, and its namespace. A
// user who may not read it needs to know the namespace only where that is another one.
func domainOf(ctx context.Context, c *change.Client, o *unstructured.Unstructured) (lifecycle.Domain, string, error) {
	if o.GetNamespace() == "" {
		return lifecycle.Domain{Managed: true}, "", nil // it is the domain
	}
	domains := c.XOS.XosV1().TrustDomains()
	if name, _, _ := unstructured.NestedString(o.Object, "spec", "trustDomain"); name != "" {
		d, err := domains.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return lifecycle.Domain{}, "", fmt.Errorf("read TrustDomain %s: %w", name, err)
		}
		if err := trustdomain.Admits(namespaces{ctx, c}, d, o.GetNamespace()); err != nil {
			return lifecycle.Domain{}, "", err // the manager would refuse it, too
		}
		return lifecycle.Domain{Managed: xosv1.IsManaged(d), Policy: d.Spec.Adoption}, desired.NamespaceOf(d), nil
	}
	list, err := domains.List(ctx, metav1.ListOptions{})
	if apierrors.IsForbidden(err) {
		return lifecycle.Domain{}, o.GetNamespace(), nil
	}
	if err != nil {
		return lifecycle.Domain{}, "", fmt.Errorf("list trust domains: %w", err)
	}
	of := lifecycle.Domain{}
	for i := range list.Items {
		if d := &list.Items[i]; desired.NamespaceOf(d) == o.GetNamespace() && !of.Managed {
			of = lifecycle.Domain{Managed: xosv1.IsManaged(d), Policy: d.Spec.Adoption}
		}
	}
	return of, o.GetNamespace(), nil
}

// namespaces reads the namespaces that a trust domain selects by their labels.
type namespaces struct {
	ctx context.Context //nolint:containedctx // of one call, which has none
	c   *change.Client
}

// Namespace implements trustdomain.Namespaces. A namespace that can't be read is not admitted.
func (n namespaces) Namespace(name string) (trustdomain.Namespace, bool) {
	found, err := n.c.Native.CoreV1().Namespaces().Get(n.ctx, name, metav1.GetOptions{})
	return trustdomain.Namespace{Labels: found.GetLabels()}, err == nil
}
