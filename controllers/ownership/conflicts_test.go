package ownership

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// first is the first of the two lists that Conflicts returns.
func first(all, _ []metav1.StatusCause) []metav1.StatusCause { return all }

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
		"wrapped":                   {fmt.Errorf("apply: %w", apierrors.NewApplyConflict([]metav1.StatusCause{field}, "conflict")), []metav1.StatusCause{field}},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, first(Conflicts(test.err)))
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
			cause := metav1.StatusCause{Type: metav1.CauseTypeFieldManagerConflict, Message: message}
			_, found := Conflicts(apierrors.NewApplyConflict([]metav1.StatusCause{cause}, "conflict"))
			if declared {
				assert.Equal(t, []metav1.StatusCause{cause}, found)
			} else {
				assert.Empty(t, found)
			}
		})
	}
}

func TestOnlyUpdatesOfClientSideAppliersGiveWay(t *testing.T) {
	for message, gives := range map[string]bool{
		`conflict with "kubectl-client-side-apply" using v1`: true,
		`conflict with "helm" using apps/v1`:                 true,
		`conflict with "kubectl"`:                            false,
		`conflict with "kustomize-controller" using v1`:      false,
		`conflict`: false,
	} {
		assert.Equal(t, gives, OfClientSide(metav1.StatusCause{Message: message}), message)
	}
}
