package reconciler

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// The fence around the manager lets it change a namespace without our label only by
// what puts the label on.
func TestALabelThatWasTakenOffIsPutOnBeforeFieldsAreClaimed(t *testing.T) {
	y := newHarness(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	y.sent()
	y.Answer = func(write string) error {
		if write == "patch children a" && y.children.Live["far/a"].Labels[xosv1.ManagedByLabel] == "" {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "a", errors.New("the manager is fenced"))
		}
		return nil
	}
	bare := y.children.Live["far/a"].DeepCopy()
	bare.Labels = nil
	y.children.Put(bare)
	y.settle(t)
	assert.Equal(t, []string{"apply children a", "patch children a", "apply children a"}, y.sent())
	assert.Equal(t, xosv1.ManagedByValue, y.children.Live["far/a"].Labels[xosv1.ManagedByLabel])
}
