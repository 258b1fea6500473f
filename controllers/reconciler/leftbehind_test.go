package reconciler

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// The fence around the manager refuses each write in a namespace that no trust domain
// has any more.
func TestAnEndWaitsForNoRightThatWentWithTheDomain(t *testing.T) {
	for sentence, test := range map[string]struct {
		policy xosv1.DeletionPolicy
		domain string // what is known of it at the end
		err    error
		ends   bool
	}{
		"refused, the domain gone":                   {"", "", forbidden, true},
		"refused, the domain gone, to be released":   {xosv1.DeletionPolicyOrphan, "", forbidden, true},
		"refused, with a domain":                     {"", "far", forbidden, false},
		"refused, with a domain, to be released":     {xosv1.DeletionPolicyOrphan, "far", forbidden, false},
		"failed for another reason, the domain gone": {"", "", apierrors.NewInternalError(errors.New("a failure")), false},
		"not refused, the domain gone":               {"", "", nil, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			y := newHarness(t)
			recorder := events.NewFakeRecorder(10)
			y.controller.opts.Recorder = recorder
			y.addDomain("far")
			y.addParent("a", "far", func(p parent) { p.Spec.DeletionPolicy = test.policy })
			y.settle(t)
			y.controller.kind.Namespace = func(parent) string { return test.domain }
			y.controller.kind.Manages = func(parent) bool { return test.domain != "" }
			y.Answer = func(write string) error {
				if strings.Contains(write, "children") {
					return test.err
				}
				return nil
			}
			y.parents.Remove("shop/a")
			y.settle(t)
			assert.Equal(t, test.ends, len(y.parents.Live) == 0)
			if test.ends && test.err != nil {
				assert.Equal(t, "Warning Forbidden ConfigMap far/a is left where it is: its trust domain is gone, and with it the right to delete it", <-recorder.Events)
				assert.Contains(t, y.children.Live, "far/a")
			}
		})
	}
}

var forbidden = apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "a", errors.New("the manager is fenced"))

// A pass that began with a trust domain may end without it. What it may not write then is no
// failure of its object, which a tool that deletes both at once would report.
func TestARightThatEndsDuringAPassIsWaitedFor(t *testing.T) {
	for sentence, test := range map[string]struct {
		ends   bool // the domain, at the write that is refused
		reason string
	}{
		"refused, the domain gone": {true, xosv1.ReasonReferenceNotFound},
		"refused, with a domain":   {false, xosv1.ReasonForbidden},
	} {
		for _, write := range []string{"create children a", "delete children old"} {
			t.Run(sentence+": "+write, func(t *testing.T) {
				y := newHarness(t)
				y.addDomain("far")
				old := marked("far", "old", "a", "a-uid")
				y.children.Put(old)
				y.addParent("a", "far", func(p parent) { p.UID = "a-uid" })
				y.Answer = func(w string) error {
					if w != write {
						return nil
					}
					if test.ends {
						y.domains.Remove("far")
						y.domains.Show()
					}
					return forbidden
				}
				y.settle(t)
				assert.Equal(t, test.reason, y.ready(t, "a").Reason, y.ready(t, "a").Message)
				stalled := meta.IsStatusConditionTrue(y.parents.Live["shop/a"].Status.Conditions, xosv1.ConditionStalled)
				assert.Equal(t, !test.ends, stalled)
			})
		}
	}
}
