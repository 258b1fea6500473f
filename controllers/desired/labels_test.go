package desired_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

func TestSelectorsFindThePodsOfOneNamespacesSlicesOnly(t *testing.T) {
	slice := func(namespace, name, service string) *xosv1.Slice {
		s := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
		s.Spec.Service, s.Spec.ControllerKind, s.Spec.Template = service, xosv1.ControllerKindReplicaSet, &xosv1.PodTemplate{}
		return s
	}
	own := slice("team", "web", "shop")
	service := &xosv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "shop"}}
	made := func(by *xosv1.Slice) map[string]string {
		set, err := desired.ReplicaSet(desired.SliceInput{Slice: by, Namespace: domain})
		require.NoError(t, err)
		return set.Spec.Template.Labels
	}
	instance, err := desired.Pod(desired.InstanceInput{Instance: &xosv1.KubernetesServiceInstance{}, Slice: own, Namespace: domain})
	require.NoError(t, err)
	for sentence, test := range map[string]struct {
		pod                   map[string]string
		byWorkload, byService bool
	}{
		"the workload's own":                      {made(own), true, true},
		"those of the slice's instances":          {instance.Labels, false, true},
		"those of another slice of the service":   {made(slice("team", "back", "shop")), false, true},
		"those of a slice of another service":     {made(slice("team", "back", "store")), false, false},
		"those of a slice without a service":      {made(slice("team", "back", "")), false, false},
		"those of namesakes in another namespace": {made(slice("rivals", "web", "shop")), false, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			selects := func(selector map[string]string) bool {
				return labels.SelectorFromSet(selector).Matches(labels.Set(test.pod))
			}
			assert.Equal(t, test.byWorkload, selects(desired.WorkloadSelector(own)), "by the workload's selector")
			assert.Equal(t, test.byService, selects(desired.ServiceSelector(service)), "by the service's selector")
		})
	}
}

func FuzzALabelValueIsAlwaysLegal(f *testing.F) {
	for _, name := range []string{"web", "a.b-c", strings.Repeat("x-", 100) + "x", strings.Repeat("x", 54) + strings.Repeat("-", 9) + "x"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if len(validation.IsDNS1123Subdomain(name)) > 0 {
			return // not the name of an object
		}
		value := desired.LabelValue(name)
		assert.Empty(t, validation.IsValidLabelValue(value), value)
		if len(name) <= validation.LabelValueMaxLength {
			assert.Equal(t, name, value)
		}
	})
}
