package applier

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/manifest"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func TestARefusedDocumentOfAnUnservedKindIsTriedAgain(t *testing.T) {
	lamps := manifest.ID{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition", Name: "lamps.example.org"}
	hall := manifest.ID{Group: "example.org", Kind: "Lamp", Namespace: "shop", Name: "hall"}
	document := manifest.Document{Object: &unstructured.Unstructured{}}
	invalid := apierrors.NewInvalid(schema.GroupKind{Group: "example.org", Kind: "Lamp"}, "hall", nil)
	unknownField := apierrors.NewBadRequest("strict decoding error")
	for sentence, test := range map[string]struct {
		definedBy *manifest.ID
		written   map[manifest.ID]bool
		err       error
		state     outcome.State
		reason    string
	}{
		"not where another made its kind":                  {nil, map[manifest.ID]bool{lamps: true}, invalid, outcome.Blocked, xosv1.ReasonInvalid},
		"right after the change, and not called invalid":   {&lamps, map[manifest.ID]bool{lamps: true}, invalid, outcome.Retrying, xosv1.ReasonProgressing},
		"also for a field that is not known yet":           {&lamps, map[manifest.ID]bool{lamps: true}, unknownField, outcome.Retrying, xosv1.ReasonProgressing},
		"later too, in case that the moment lasts":         {&lamps, nil, invalid, outcome.Blocked, xosv1.ReasonInvalid},
		"a lack of rights has nothing to do with it":       {&lamps, map[manifest.ID]bool{lamps: true}, apierrors.NewForbidden(schema.GroupResource{}, "hall", errors.New("no")), outcome.Blocked, xosv1.ReasonForbidden},
		"nor has a change of another object of the blob's": {&lamps, map[manifest.ID]bool{hall: true}, invalid, outcome.Blocked, xosv1.ReasonInvalid},
	} {
		t.Run(sentence, func(t *testing.T) {
			p := &pass{tally: &tally{written: test.written}}
			reached, _ := outcome.FromErrors(p.refusal(target{object: object{id: hall}, document: document, definedBy: test.definedBy}, test.err))
			assert.Equal(t, test.state, reached.State)
			assert.Equal(t, test.reason, reached.Reason)
			assert.Contains(t, reached.Message, "apply Lamp shop/hall: ")
		})
	}
}
