package tenants

import (
	"context"
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// applies has the tenant apply manifests, by default in its own namespace.
func applies(text string) step { return func(c *cast) { c.applyAs(c.tenant, text) } }

// another has one apply manifests who may also write native objects, by default in
// the namespace where it may.
func another(text string) step { return func(c *cast) { c.applyAs(c.another, text) } }

// operator has the operator apply manifests.
func operator(text string) step {
	return func(c *cast) {
		c.Helper()
		for _, o := range c.read(c.operator, text) {
			require.NoError(c, put(c.Context(), c.operator, o), "%s", refOf(o))
		}
	}
}

// deletes has the tenant delete an object of its namespace, as "Slice web", and
// waits for its end.
func deletes(name string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(mine, name)
		before, err := c.operator.get(c.Context(), r)
		require.NoError(c, err)
		require.NoError(c, c.tenant.delete(c.Context(), r))
		delete(c.applied, r)
		ended(c, r, before.GetUID())
	}
}

// orders has the tenant delete an object of its namespace, whether that ends or not.
func orders(name string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(mine, name)
		require.NoError(c, c.tenant.delete(c.Context(), r))
		delete(c.applied, r)
	}
}

// patches has the tenant patch an object of its namespace.
func patches(name, patch string) step {
	return func(c *cast) {
		c.Helper()
		c.patch(c.tenant, mine, name, patch)
	}
}

// operatorPatches has the operator patch an object: "TrustDomain /$mine". A domain counts
// as it is once the manager has seen it: what is applied in the same moment may be seen
// before.
func operatorPatches(name, patch string) step {
	return func(c *cast) {
		c.Helper()
		c.patch(c.operator, victim, name, patch)
		if r := c.ref(victim, name); r.kind == "TrustDomain" {
			c.until(r, func(*unstructured.Unstructured) string { return "" })
		}
	}
}

func (c *cast) patch(a *actor, role, name, patch string) {
	c.Helper()
	r := c.ref(role, name)
	if err := a.patch(c.Context(), r, c.fill(patch)); isRefusal(err) && a != c.operator {
		c.refused[r] = err
		delete(c.applied, r)
	} else {
		require.NoError(c, err, "patch %s", r)
	}
}

// ref reads "Kind name", "Kind namespace/name" or, where it has no namespace,
// "Kind /name".
func (c *cast) ref(role, text string) ref {
	c.Helper()
	kind, name, _ := strings.Cut(c.fill(text), " ")
	namespace, name, both := strings.Cut(name, "/")
	if !both {
		namespace, name = c.namespace(role), namespace
	}
	return ref{kind, namespace, name}
}

func refOf(o *unstructured.Unstructured) ref {
	kind := o.GetKind()
	if kind == "Service" && o.GetAPIVersion() == "v1" {
		kind = "NativeService"
	}
	return ref{kind, o.GetNamespace(), o.GetName()}
}

// read fills and parses manifests; those without a namespace get an actor's.
func (c *cast) read(a *actor, text string) []*unstructured.Unstructured {
	c.Helper()
	all := parse(c.T, c.fill(text))
	for _, o := range all {
		if o.GetNamespace() == "" && c.isNamespaced(o) {
			o.SetNamespace(c.namespace(a.home))
		}
	}
	return all
}

func (c *cast) isNamespaced(o *unstructured.Unstructured) bool {
	c.Helper()
	kind := o.GroupVersionKind()
	mapping, err := c.w.user.Mapping(kind)
	require.NoError(c, err)
	return mapping.Scope.Name() == "namespace"
}

func put(ctx context.Context, a *actor, o *unstructured.Unstructured) error {
	err := a.create(ctx, o)
	if apierrors.IsAlreadyExists(err) {
		return a.replace(ctx, o)
	}
	return err
}

func (c *cast) applyAs(a *actor, text string) {
	c.Helper()
	for _, o := range c.read(a, text) {
		r := refOf(o)
		err := put(c.Context(), a, o)
		switch {
		case isRefusal(err):
			c.Logf("refused: %s: %.300v", r, err)
			c.refused[r] = err
		case err != nil:
			require.NoError(c, err, "apply %s", r)
		default:
			c.applied[r] = true
		}
	}
}

// isRefusal returns whether the API server refused an object for what it says. That a
// field is not known is a mistake in the row, but for the one that pods have and our
// templates have not.
func isRefusal(err error) bool {
	if err == nil || (strings.Contains(err.Error(), "unknown field") && !strings.Contains(err.Error(), "ephemeralContainers")) {
		return false
	}
	return apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err) || apierrors.IsRequestEntityTooLargeError(err)
}

// settle waits until each object of ours that was applied has been observed. An
// object that is gone again has been, too.
func (c *cast) settle() {
	c.Helper()
	for r := range c.applied {
		if kindOf(r.kind).Group != xosv1.GroupName {
			continue
		}
		wait(c.T, func(ctx context.Context) string {
			o, err := c.operator.get(ctx, r)
			if apierrors.IsNotFound(err) {
				return ""
			}
			if err != nil {
				return err.Error()
			}
			return unobserved(o)
		})
	}
}

// operatorDeletes has the operator delete an object, and waits for its end.
func operatorDeletes(name string) step {
	return func(c *cast) {
		c.Helper()
		require.NoError(c, c.operator.delete(c.Context(), c.ref(victim, name)))
		gone(name)(c)
	}
}

// bindings waits until an account of the tenant's domain has so many RoleBindings.
func bindings(account string, count int) step { return bindingsIn("$mine", account, count) }

// bindingsIn is bindings in another domain.
func bindingsIn(domain, account string, count int) step {
	return func(c *cast) {
		c.Helper()
		namespace := c.fill(domain)
		wait(c.T, func(ctx context.Context) string {
			list, err := c.operator.resource("RoleBinding", namespace).List(ctx, metav1.ListOptions{})
			if err != nil {
				return err.Error()
			}
			var found []string
			for _, o := range list.Items {
				if subjects, _, _ := unstructured.NestedSlice(o.Object, "subjects"); strings.Contains(fmt.Sprint(subjects), "name:"+account+" ") {
					found = append(found, o.GetName())
				}
			}
			if len(found) != count {
				return fmt.Sprintf("ServiceAccount %s/%s has RoleBindings %v, want %d", namespace, account, found, count)
			}
			return ""
		})
	}
}

// awaits waits until an object is Ready, for any owner.
func awaits(name string) step {
	return func(c *cast) { c.Helper(); c.awaitReady(c.ref(victim, name)) }
}

// waitFor has a row wait amid what it does.
func waitFor(hold step) step { return hold }

// operatorTouches has the manager reconcile an object of the victim's once more.
func operatorTouches(name string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(victim, name)
		for _, suspend := range []string{"true", "null"} {
			require.NoError(c, c.operator.patch(c.Context(), r, `{"spec":{"suspend":`+suspend+`}}`))
			c.until(r, func(*unstructured.Unstructured) string { return "" })
		}
		c.awaitReady(r)
	}
}

// deletesIfPresent is deletes for what the manager may have deleted before.
func deletesIfPresent(name string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(mine, name)
		err := c.tenant.delete(c.Context(), r)
		require.True(c, err == nil || apierrors.IsNotFound(err), "%v", err)
		delete(c.applied, r)
	}
}
