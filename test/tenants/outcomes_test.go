package tenants

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// settles waits until the manager has observed all that the attacker applied.
func settles(c *cast) { c.settle() }

// ready waits until an object of the tenant's is Ready.
func ready(name string) step {
	return func(c *cast) { c.Helper(); c.awaitReady(c.ref(mine, name)) }
}

// refused asserts that the API server did not accept an object, or that it is not
// Ready, for one of these reasons; for any where there is none.
func refused(name string, reasons ...string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(mine, name)
		if c.refused[r] != nil {
			return
		}
		c.until(r, func(o *unstructured.Unstructured) string {
			condition := readyOf(o)
			if condition.Status == metav1.ConditionFalse && (len(reasons) == 0 || slices.Contains(reasons, condition.Reason)) {
				return ""
			}
			return fmt.Sprintf("%s is %s, not refused for %v", r, say(condition), reasons)
		})
	}
}

// rejected asserts that the API server did not accept an object.
func rejected(name string) step {
	return func(c *cast) {
		c.Helper()
		require.Error(c, c.refused[c.ref(mine, name)], "%s was accepted", name)
	}
}

// absent asserts that there is no such object: "ConfigMap $victim/settings".
func absent(names ...string) step {
	return func(c *cast) {
		c.Helper()
		for _, name := range names {
			r := c.ref(mine, name)
			o, err := c.operator.get(c.Context(), r)
			require.True(c, apierrors.IsNotFound(err), "%s is there: %v", r, o)
		}
	}
}

// gone waits until there is no such object.
func gone(name string) step {
	return func(c *cast) {
		c.Helper()
		ended(c, c.ref(mine, name), "")
	}
}

// ended waits until there is no such object, or none with this UID any more: what the
// pull recorded, and another client deletes, it records anew at once.
func ended(c *cast, r ref, uid types.UID) {
	c.Helper()
	wait(c.T, func(ctx context.Context) string {
		o, err := c.operator.get(ctx, r)
		switch {
		case apierrors.IsNotFound(err), err == nil && uid != "" && o.GetUID() != uid:
			return ""
		case err != nil:
			return err.Error()
		}
		return fmt.Sprintf("%s is still there: %s", r, say(readyOf(o)))
	})
}

// is waits until an object has a text at a path, as spec.serviceAccountName.
func is(name, path, want string) step {
	return func(c *cast) {
		c.Helper()
		r := c.ref(mine, name)
		c.until(r, func(o *unstructured.Unstructured) string {
			if got, _, _ := unstructured.NestedFieldNoCopy(o.Object, strings.Split(path, ".")...); fmt.Sprint(got) != c.fill(want) {
				return fmt.Sprintf("%s: %s is %v, want %s", r, path, got, c.fill(want))
			}
			return ""
		})
	}
}
