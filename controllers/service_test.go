package controllers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func TestAServiceSelectsThePodsOfItsSlices(t *testing.T) {
	slice := func(managed bool, kind string, template *xosv1.PodTemplate, selector string) *xosv1.Slice {
		return &xosv1.Slice{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "web", Generation: 2, Labels: map[string]string{xosv1.PulledLabel: xosv1.PulledValue}},
			Spec:       xosv1.SliceSpec{Lifecycle: xosv1.Lifecycle{Managed: xosv1.Managed{XOSManaged: &managed}}, ControllerKind: kind, Template: template},
			Status: xosv1.SliceStatus{
				ObjectStatus: xosv1.ObjectStatus{ObservedGeneration: 2}, Selector: selector,
				Controller: &xosv1.ControllerReference{Kind: kind, Name: "web"},
			},
		}
	}
	own, loose := slice(true, "Deployment", &xosv1.PodTemplate{}, "x=y"), slice(true, "", nil, "")
	pulled := func(selector string) *xosv1.Slice { return slice(false, "Deployment", nil, selector) }
	changed := func(change func(*xosv1.Slice)) []*xosv1.Slice {
		s := pulled("app=web")
		change(s)
		return []*xosv1.Slice{s}
	}
	unknown, silent := pulled(""), pulled("")
	unknown.Status.Controller = nil
	silent.Status.Controller = &xosv1.ControllerReference{Kind: "CronJob", Name: "nightly"}
	ours := map[string]string{xosv1.NamespaceLabel: "team", xosv1.ServiceLabel: "shop"}
	for sentence, test := range map[string]struct {
		slices []*xosv1.Slice
		want   map[string]string
		err    string
	}{
		"by our label where we made them":                   {[]*xosv1.Slice{own, loose}, ours, ""},
		"by the controller's selector where it was pulled":  {[]*xosv1.Slice{pulled("app=web,tier=front")}, map[string]string{"app": "web", "tier": "front"}, ""},
		"and where it was taken over with its own template": {[]*xosv1.Slice{slice(true, "StatefulSet", nil, "app=web")}, map[string]string{"app": "web"}, ""},
		"a set of one value is as good as an equality":      {[]*xosv1.Slice{pulled("app in (web)")}, map[string]string{"app": "web"}, ""},
		"not before it is known":                            {[]*xosv1.Slice{unknown}, nil, "is not known yet"},
		"not while it is of an earlier spec":                {changed(func(s *xosv1.Slice) { s.Generation = 3 }), nil, "is not known yet"},
		"not without the controller that it is of":          {changed(func(s *xosv1.Slice) { s.Status.Controller = nil }), nil, "is not known yet"},
		"not where the record is its author's":              {changed(func(s *xosv1.Slice) { s.Labels = nil }), nil, "is a record that XOS did not make"},
		"not where the record is of another namespace":      {changed(func(s *xosv1.Slice) { s.Namespace = "else" }), nil, "record of what is in its own namespace"},
		"nor where there is none":                           {[]*xosv1.Slice{silent}, nil, "CronJob nightly of Slice web shows no selector"},
		"nor where a Service can't express it":              {[]*xosv1.Slice{pulled("app in (a,b)")}, nil, "more than a Service can express"},
		"nor where a label must be there":                   {[]*xosv1.Slice{pulled("app")}, nil, "more than a Service can express"},
		"nor where it contradicts itself":                   {[]*xosv1.Slice{pulled("app=a,app=b")}, nil, "more than a Service can express"},
		"nor those of a slice of ours and of one pulled":    {[]*xosv1.Slice{own, pulled("app=web")}, nil, "no selector leads to them"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := selectorOf(&xosv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "shop"}}, test.slices, "team")
			assert.Equal(t, test.want, got)
			if test.err == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.err)
			}
		})
	}
}

// What a service exposes no longer is deleted while its trust domain has the namespace. Once that
// is on its way out, the service waits, and tells of no right that it lacks.
func TestAServiceDeletesNothingOfADomainThatEnds(t *testing.T) {
	h := newReadsHarness(t, readsManifest(t))
	stall := cache.NewObjectName("team", "stall")
	plan := func() error { return h.tracers["Service"].Plan(t.Context(), stall) }
	require.NoError(t, plan(), "nothing is exposed")

	domain, ok := h.cluster.TrustDomain("shop")
	require.True(t, ok)
	ending := domain.DeepCopy()
	ending.DeletionTimestamp = ptr.To(metav1.Now())
	hold(t, h.cluster, ending)
	reached, _ := outcome.FromErrors(plan())
	assert.Equal(t, outcome.Waiting, reached.State)
	assert.Equal(t, "TrustDomain shop is being deleted", reached.Message)

	left, ok := h.cluster.NativeServices.Get(cache.NewObjectName("shop", "stall"))
	require.True(t, ok)
	given := left.DeepCopy()
	given.Annotations = nil
	hold(t, h.cluster, given)
	assert.NoError(t, plan(), "there is nothing to delete")
}
