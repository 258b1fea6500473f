package engine

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestOnlyAConflictOverFieldsNamesFields(t *testing.T) {
	field := metav1.StatusCause{Type: metav1.CauseTypeFieldManagerConflict, Field: ".data.color", Message: `conflict with "flux"`}
	other := metav1.StatusCause{Type: metav1.CauseTypeFieldValueInvalid, Field: ".data"}
	for sentence, test := range map[string]struct {
		err  error
		want []metav1.StatusCause
	}{
		"no error":                  {nil, nil},
		"an error of no server's":   {errors.New("unplugged"), nil},
		"an older version":          {apierrors.NewConflict(schema.GroupResource{}, "x", errors.New("modified")), nil},
		"fields of another manager": {apierrors.NewApplyConflict([]metav1.StatusCause{field}, "conflict"), []metav1.StatusCause{field}},
		"among other causes":        {apierrors.NewApplyConflict([]metav1.StatusCause{other, field}, "conflict"), []metav1.StatusCause{field}},
		"with more told around it":  {fmt.Errorf("apply: %w", apierrors.NewApplyConflict([]metav1.StatusCause{field}, "conflict")), []metav1.StatusCause{field}},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, fieldConflicts(test.err))
		})
	}
}

func TestAFieldIsFoughtOverOnlyWithWhoDidNotDeclareIt(t *testing.T) {
	for message, declared := range map[string]bool{
		`conflict with "flux"`:                                                 true,
		`conflict with "kubectl-edit" using v1`:                                false,
		`conflict with "kubectl-edit" using v1 at 2026-01-01T00:00:00Z`:        false,
		`conflict with "kubectl-patch" with subresource "scale" using apps/v1`: false,
	} {
		t.Run(message, func(t *testing.T) {
			cause := metav1.StatusCause{Message: message}
			if declared {
				assert.Equal(t, []metav1.StatusCause{cause}, declaredElsewhere([]metav1.StatusCause{cause}))
			} else {
				assert.Empty(t, declaredElsewhere([]metav1.StatusCause{cause}))
			}
		})
	}
}

func TestGivingUpFieldsLeavesThoseOfOthers(t *testing.T) {
	ours, theirs := metav1.ManagedFieldsEntry{Manager: xosv1.FieldManager}, metav1.ManagedFieldsEntry{Manager: "flux"}
	assert.Equal(t, []metav1.ManagedFieldsEntry{theirs}, Disclaim([]metav1.ManagedFieldsEntry{ours, theirs, ours}, xosv1.FieldManager))
	assert.Equal(t, []metav1.ManagedFieldsEntry{{}}, Disclaim([]metav1.ManagedFieldsEntry{ours}, xosv1.FieldManager), "by which the API empties the list")
}

// The fence around the manager lets it change a namespace without our label only by
// what puts the label on.
func TestALabelThatWasTakenOffIsPutOnBeforeFieldsAreClaimed(t *testing.T) {
	y := newToy(t)
	y.addDomain("far")
	y.addParent("a", "far")
	y.settle(t)
	y.sent()
	y.answer = func(write string) error {
		if write == "patch children a" && y.children.objects["far/a"].Labels[xosv1.ManagedByLabel] == "" {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "configmaps"}, "a", errors.New("the manager is fenced"))
		}
		return nil
	}
	bare := y.children.objects["far/a"].DeepCopy()
	bare.Labels = nil
	y.children.put(bare)
	y.settle(t)
	assert.Equal(t, []string{"apply children a", "patch children a", "apply children a"}, y.sent())
	assert.Equal(t, xosv1.ManagedByValue, y.children.objects["far/a"].Labels[xosv1.ManagedByLabel])
}
