package cases

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/hack/plane/audit"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// seen is what a user sees of one of our objects.
type seen struct {
	metav1.ObjectMeta `json:"metadata"`
	Status            struct {
		ObservedGeneration int64                  `json:"observedGeneration"`
		Conditions         []metav1.Condition     `json:"conditions"`
		Inventory          []xosv1.InventoryEntry `json:"inventory"`
	} `json:"status"`
}

// is returns a condition; an empty one where there is none.
func (s *seen) is(kind string) metav1.Condition {
	if c := meta.FindStatusCondition(s.Status.Conditions, kind); c != nil {
		return *c
	}
	return metav1.Condition{}
}

// text is all that a user reads in the status.
func (s *seen) text() string {
	var lines []string
	for _, c := range s.Status.Conditions {
		lines = append(lines, fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message))
	}
	for _, e := range s.Status.Inventory {
		lines = append(lines, fmt.Sprintf("%s %s/%s %s %s", e.Kind, e.Namespace, e.Name, e.Health, e.Message))
	}
	return strings.Join(lines, "\n")
}

// becomes waits until an object's status speaks of its present spec and is as wanted.
func (p *play) becomes(kind, name string, want func(*seen) bool) *seen {
	p.Helper()
	client := p.client(ours(kind, p.namespace, name))
	var found *seen
	p.until(kind+" "+name+" is as wanted", func(ctx context.Context) error {
		live, err := client.Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		found = &seen{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(live.Object, found); err != nil {
			return err
		}
		if found.Status.ObservedGeneration != found.Generation || !want(found) {
			return fmt.Errorf("generation %d of %d\n%s", found.Status.ObservedGeneration, found.Generation, found.text())
		}
		return nil
	})
	return found
}

func (p *play) ready(kind, name string) *seen {
	p.Helper()
	return p.becomes(kind, name, func(s *seen) bool { return s.is(xosv1.ConditionReady).Status == metav1.ConditionTrue })
}

// unready waits until Ready is False for a reason, with these words in its message.
func (p *play) unready(kind, name, reason string, words ...string) *seen {
	p.Helper()
	return p.becomes(kind, name, func(s *seen) bool {
		c := s.is(xosv1.ConditionReady)
		for _, w := range words {
			if !strings.Contains(c.Message, w) {
				return false
			}
		}
		return c.Status == metav1.ConditionFalse && (reason == "" || c.Reason == reason)
	})
}

// gone waits until an object is not there.
func (p *play) gone(o *unstructured.Unstructured) {
	p.Helper()
	client := p.client(o)
	p.until(manifests.Describe(o)+" is gone", func(ctx context.Context) error {
		left, err := client.Get(ctx, o.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		state, _, _ := unstructured.NestedSlice(left.Object, "status", "conditions")
		return fmt.Errorf("it is still there: %v", state)
	})
}

// quiet checks that for a while the manager writes nothing about some objects.
func (p *play) quiet(about func(audit.Object) bool) {
	p.Helper()
	mark, begun := p.plane.AuditMark(p), time.Now()
	plane.Wait(p, waitTimeout, func(context.Context) (bool, string) { return time.Since(begun) > quietPeriod, "at rest" })
	var sent []string
	for _, e := range p.plane.AuditSince(p, mark) {
		if e.User.Username == testkit.Account && e.Mutates() && e.ObjectRef != nil && about(*e.ObjectRef) {
			sent = append(sent, e.String())
		}
	}
	require.Empty(p, sent, "writes at rest")
}

// this is the object of a resource, in the case's namespace.
func (p *play) this(resource, name string) func(audit.Object) bool {
	return func(ref audit.Object) bool {
		return ref.Namespace == p.namespace && ref.Resource == resource && ref.Name == name
	}
}
