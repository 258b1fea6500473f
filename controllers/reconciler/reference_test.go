package reconciler

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/storetest"
)

func TestAChangeOfAReferentMattersWhereAReferrerMayReadIt(t *testing.T) {
	ready := func(s metav1.ConditionStatus) func(*xosv1.Image) {
		return func(i *xosv1.Image) {
			meta.SetStatusCondition(&i.Status.Conditions, metav1.Condition{Type: xosv1.ConditionReady, Status: s})
		}
	}
	for sentence, test := range map[string]struct {
		change func(*xosv1.Image)
		want   bool
	}{
		"the same version again":   {func(i *xosv1.Image) { i.ResourceVersion = "1"; i.Generation++ }, false},
		"another status":           {func(i *xosv1.Image) { i.Status.Instances = 7 }, false},
		"an annotation":            {func(i *xosv1.Image) { i.Annotations = map[string]string{"a": "b"} }, false},
		"another reason not to be": {ready(metav1.ConditionUnknown), false},
		"another spec":             {func(i *xosv1.Image) { i.Generation++ }, true},
		"another object":           {func(i *xosv1.Image) { i.UID = "other" }, true},
		"its end":                  {func(i *xosv1.Image) { i.DeletionTimestamp = &metav1.Time{Time: storetest.Noon} }, true},
		"a label":                  {func(i *xosv1.Image) { i.Labels = map[string]string{"a": "b"} }, true},
		"it became ready":          {ready(metav1.ConditionTrue), true},
		"it became unready":        {ready(metav1.ConditionFalse), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			before := &xosv1.Image{ObjectMeta: metav1.ObjectMeta{Name: "x", UID: "u", ResourceVersion: "1", Generation: 1}}
			after := before.DeepCopy()
			after.ResourceVersion = "2"
			test.change(after)
			assert.Equal(t, test.want, matters(before, after))
		})
	}
}

func TestOfANativeKindWithoutGenerationsEveryVersionMatters(t *testing.T) {
	before := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "x", ResourceVersion: "1"}}
	after := before.DeepCopy()
	after.ResourceVersion = "2"
	assert.True(t, matters(before, after))
	before.Generation, after.Generation = 1, 1
	assert.False(t, matters(before, after), "where there are generations they tell")
}

func TestWhatChangesWhatItIsKnownByEndsForSomeAndBeginsForOthers(t *testing.T) {
	for sentence, which := range map[string]updates{"where only that counts": noUpdates, "where changes count": someUpdates, "where each counts": everyUpdate} {
		t.Run(sentence, func(t *testing.T) {
			referents, stub := newReferents()
			reference := Watches(referents, "color", func(parent) []string { return nil }, func(c *corev1.ConfigMap) []string { return []string{c.Labels["color"]} })
			var changed []string
			assert.NoError(t, reference.watch(func(value string) { changed = append(changed, value) }, which))
			stub.Show(referent("1", "red"), false)
			stub.Show(referent("2", "blue"), false)
			assert.Equal(t, []string{"red", "red", "blue"}, changed)
		})
	}
}

// newReferents returns a kind that others refer to by the color of its objects.
func newReferents() (*store.Resource[*corev1.ConfigMap], *storetest.Informer) {
	stub := storetest.NewInformer()
	return store.NewResource[*corev1.ConfigMap](corev1.SchemeGroupVersion.WithKind("ConfigMap"), "configmaps", stub), stub
}

// referent is ConfigMap x of a color, at a version of the server's.
func referent(resourceVersion, color string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "x", UID: "u", ResourceVersion: resourceVersion, Labels: map[string]string{"color": color},
	}}
}
