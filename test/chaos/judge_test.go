package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// account is the manager's.
const account = testkit.Account

// judge lets one healthy manager settle, and compares.
func (w *walk) judge() {
	w.Helper()
	w.note("all managers end, and a healthy one starts")
	w.crew.healthy()
	w.home()
	w.note("the namespaces and trust domains are as at the beginning")
	here := w.settle(w.env)
	w.unharmed()
	w.noLeaks(here)

	fresh := w.fresh()
	w.note("a fresh manager starts, and is given the same objects in environment %s", fresh)
	manager := w.crew.healthy()
	w.replay(here, fresh)
	w.alike(fresh)
	w.untouched(manager)
	w.atRest()
	w.unharmed()
	w.end(fresh)
}

// settle waits until nothing happens in an environment any more. The reported cause of a
// wait may be out of date, since status writes are debounced.
func (w *walk) settle(env string) *view {
	w.Helper()
	var found *view
	quiet := quietPeriod
	plane.Wait(w, waitTimeout, func(ctx context.Context) (bool, string) {
		if !w.crew.idle(ctx, quiet) {
			return false, "the manager never rests"
		}
		var err error
		if found, err = w.view(ctx, env); err != nil {
			return false, err.Error()
		}
		if moving := w.moving(found); moving != "" {
			return false, moving
		}
		settled := quiet == debounce || !found.waiting()
		quiet = debounce
		return settled, "objects wait for others"
	})
	return found
}

// waiting returns whether an object waits for something, as far as its status shows.
func (v *view) waiting() bool {
	return slices.ContainsFunc(v.customs, func(o unstructured.Unstructured) bool {
		_, reason := readiness(&o)
		return reason == xosv1.ReasonReferenceNotFound || reason == xosv1.ReasonProgressing
	})
}

// moving names what is not at rest. A port is under way for as long as its service
// exposes nothing.
func (w *walk) moving(v *view) string {
	var moving []string
	for i := range v.customs {
		o := &v.customs[i]
		if managed, said, _ := unstructured.NestedBool(o.Object, "spec", "xosManaged"); said && !managed && o.GetKind() == "KubernetesServiceInstance" {
			continue // its status is the pull's, of which there is none
		}
		_, reason := readiness(o)
		observed, _, _ := unstructured.NestedInt64(o.Object, "status", "observedGeneration")
		switch {
		case o.GetDeletionTimestamp() != nil && !w.stuck(o), reason == "Progressing" && o.GetKind() != "ServicePort", reason == "Terminating", observed != o.GetGeneration():
			moving = append(moving, fmt.Sprintf("%s: %s, %s (ends: %v)", id(o), reason, messageOf(o), o.GetDeletionTimestamp()))
		}
	}
	for i := range v.natives {
		if o := &v.natives[i]; o.GetDeletionTimestamp() != nil {
			moving = append(moving, id(o)+" ends")
		}
	}
	return strings.Join(moving, "\n")
}

// stuck returns whether an object waits for a person to take the documented way out:
// a blob whose rights are gone.
func (w *walk) stuck(o *unstructured.Unstructured) bool {
	return o.GetKind() == "KubernetesResourceInstance" && strings.Contains(messageOf(o), "spec.deletionPolicy is set to Orphan")
}

// noLeaks checks that an object with the tracking annotation of an owner that is gone was
// left by a step.
func (w *walk) noLeaks(v *view) {
	w.Helper()
	for i := range v.natives {
		o := &v.natives[i]
		owner, ok := ownership.OwnerOf(o, o.GroupVersionKind().GroupKind())
		if !ok || v.owner(o) != nil {
			continue
		}
		key := ownerKey(owner.Kind, owner.Name.Namespace, owner.Name.Name)
		require.True(w, w.left[key], "%s was left behind by %s, which nobody has orphaned", id(o), key)
	}
}

// untouched checks that the fresh manager found the old environment as it wants it, and
// wrote nothing but what it tries again because it was refused.
func (w *walk) untouched(m *hand) {
	w.Helper()
	var writes []string
	for _, r := range m.Since(0).Writes() {
		mine := strings.HasPrefix(r.Namespace, w.env) || strings.HasPrefix(r.Name, w.env)
		if mine && r.Resource != "events" && r.Verb != "create" {
			writes = append(writes, fmt.Sprintf("%s in %s: %s", r, r.Namespace, r.Body))
		}
	}
	require.Empty(w, writes, "a settled env is written to by a fresh manager")
}

// refused are the names of custom resources whose native objects are refused to them:
// these, whose names contain theirs, are tried again and again.
func (v *view) refused() []string {
	var names []string
	for i := range v.customs {
		if _, reason := readiness(&v.customs[i]); slices.Contains([]string{"NotOwned", "NothingToAdopt", "Conflict", "Forbidden"}, reason) {
			names = append(names, v.customs[i].GetName())
		}
	}
	return names
}

// atRest checks by the audit log that a manager at rest sends nothing, but what it
// tries again because it was refused.
func (w *walk) atRest() {
	w.Helper()
	refused := w.settle(w.env).refused()
	mark := w.plane.AuditMark(w)
	begun := time.Now()
	plane.Wait(w, waitTimeout, func(context.Context) (bool, string) { return time.Since(begun) > quietPeriod, "at rest" })
	var sent []string
	for _, event := range w.plane.AuditSince(w, mark) {
		ref := event.ObjectRef
		if event.User.Username != account || event.Verb == "watch" || event.Code() >= 400 || ref == nil || event.Stage != "ResponseComplete" {
			continue
		}
		if event.Verb != "get" || !slices.ContainsFunc(refused, func(name string) bool { return strings.Contains(ref.Name, name) }) {
			sent = append(sent, event.String())
		}
	}
	require.Empty(w, sent, "requests at rest")
}

// end deletes all in both environments, and waits until nothing is left.
func (w *walk) end(fresh string) {
	w.Helper()
	r := w.random(1 << 21)
	w.destroy(w.env, r)
	w.destroy(fresh, r)
	w.note("everything is deleted")
	for _, env := range []string{w.env, fresh} {
		plane.Wait(w, waitTimeout, func(ctx context.Context) (bool, string) {
			left, err := w.customs(ctx, env)
			if err != nil {
				return false, err.Error()
			}
			var names []string
			for i := range left {
				o := &left[i]
				if w.stuck(o) {
					_, err := w.client(o).Patch(ctx, o.GetName(), "application/merge-patch+json", []byte(`{"spec":{"deletionPolicy":"Orphan"}}`), metav1.PatchOptions{FieldManager: user})
					names = append(names, fmt.Sprintf("the way out is taken: %v", err))
				}
				_, reason := readiness(o)
				names = append(names, fmt.Sprintf("%s, held by %v: %s, %s", id(o), o.GetFinalizers(), reason, messageOf(o)))
			}
			return len(left) == 0, strings.Join(names, "\n")
		})
	}
	v, err := w.view(w.Context(), w.env)
	require.NoError(w, err)
	w.noLeaks(v)
	w.unharmed()
}
