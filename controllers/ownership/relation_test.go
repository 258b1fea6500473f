package ownership

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

var owner = Owner{Kind: "Principal", Name: cache.NewObjectName("shop", "web"), UID: "u1"}

var configMapKind = schema.GroupKind{Kind: "ConfigMap"}

// self is the end of the tracking annotation on the object that annotated returns.
const self = "/ConfigMap//x"

// trackingOf is an owner's tracking annotation on that object.
func trackingOf(o Owner) TrackingID {
	return TrackingID{Owner: o, Kind: configMapKind, Name: cache.NewObjectName("", "x")}
}

// annotated is an object whose annotation says whose it is.
func annotated(value string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x", Annotations: map[string]string{xosv1.OwnerAnnotation: value}}}
}

// controlled is an object that an owner reference gives to a controller.
func controlled(by *corev1.ConfigMap, uid types.UID) *corev1.ConfigMap {
	by.OwnerReferences = []metav1.OwnerReference{
		{Kind: "App", Name: "a", UID: "other"}, {Kind: "App", Name: "b", UID: uid, Controller: ptr.To(true)},
	}
	return by
}

// referring is an object that refers to an owner that is not its controller.
func referring(o *corev1.ConfigMap, uid types.UID) *corev1.ConfigMap {
	o.OwnerReferences = append(o.OwnerReferences, metav1.OwnerReference{Kind: "Principal", Name: "web", UID: uid})
	return o
}

func controlledByPrincipal(name string, uid types.UID) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "x", OwnerReferences: []metav1.OwnerReference{{
		APIVersion: xosv1.SchemeGroupVersion.String(), Kind: "Principal", Name: name, UID: uid, Controller: ptr.To(true),
	}}}}
}

func TestAnOwnerIsReadBackAsItWasWritten(t *testing.T) {
	for sentence, o := range map[string]Owner{
		"one of a namespace": owner,
		"one of the cluster": {Kind: "TrustDomain", Name: cache.NewObjectName("", "shop"), UID: "u2"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, ok := OwnerOf(annotated(trackingOf(o).String()), configMapKind)
			assert.True(t, ok)
			assert.Equal(t, o, got)
		})
	}
}

func TestAnAnnotationThatWeCanNotHaveWrittenNamesNoOwner(t *testing.T) {
	for _, value := range []string{
		"", "x", "Principal", "Principal/web/u1" + self, "/shop/web/u1" + self, "Principal/shop//u1" + self, "Principal/shop/web/" + self,
		"Principal/shop/web/u1", "Principal/shop/web/u1" + self + "/more", "///", "//////",
		"Principal/../web/u1" + self, "Principal/a%b/web/u1" + self, "Principal/shop/./u1" + self,
	} {
		t.Run(value, func(t *testing.T) {
			_, ok := OwnerOf(annotated(value), configMapKind)
			assert.False(t, ok)
			assert.Empty(t, OwnerUIDs(annotated(value), configMapKind))
		})
	}
}

func FuzzWhateverIsReadAsAnOwnerIsWrittenTheSame(f *testing.F) {
	f.Add(trackingOf(owner).String())
	f.Add("TrustDomain//shop/u2" + self)
	f.Add("///")
	f.Fuzz(func(t *testing.T, value string) {
		if m, ok := TrackingIDOf(annotated(value)); ok {
			assert.Equal(t, value, m.String())
		}
	})
}

func TestAnObjectIsOwnedOnlyWhereItsAnnotationMatches(t *testing.T) {
	for sentence, test := range map[string]struct {
		object *corev1.ConfigMap
		want   Relation
	}{
		"tracked as this owner's":                                {annotated("Principal/shop/web/u1" + self), OwnedByThis},
		"tracked as a namesake's":                                {annotated("Principal/shop/web/u0" + self), LeftByPredecessor},
		"tracked as another name's":                              {annotated("Principal/shop/other/u1" + self), OwnedByOther},
		"tracked as another kind's":                              {annotated("TrustDomain/shop/web/u1" + self), OwnedByOther},
		"tracked as another namespace's":                         {annotated("Principal/else/web/u1" + self), OwnedByOther},
		"a copy under another name":                              {annotated("Principal/shop/web/u1/ConfigMap//y"), Unowned},
		"a copy from another namespace":                          {annotated("Principal/shop/web/u1/ConfigMap/shop/x"), Unowned},
		"a copy of another kind":                                 {annotated("Principal/shop/web/u1/Secret//x"), Unowned},
		"without an annotation":                                  {&corev1.ConfigMap{}, Unowned},
		"with a malformed annotation":                            {annotated("garbage"), Unowned},
		"without an annotation, controlled by this owner":        {controlled(&corev1.ConfigMap{}, "u1"), OwnedByThis},
		"a predecessor's that the garbage collector has":         {referring(annotated("Principal/shop/web/u0"+self), "u0"), Collected},
		"without an annotation, controlled by a predecessor":     {controlledByPrincipal("web", "u0"), Collected},
		"without an annotation, controlled by another Principal": {controlledByPrincipal("other", "u0"), OwnedByOther},
		"without an annotation, controlled by another":           {controlled(&corev1.ConfigMap{}, "u9"), OwnedByOther},
		"tracked as this owner's, though controlled by another":  {controlled(annotated("Principal/shop/web/u1"+self), "u9"), OwnedByOther},
		"tracked as this owner's, and controlled by it":          {controlled(annotated("Principal/shop/web/u1"+self), "u1"), OwnedByThis},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, Relate(test.object, configMapKind, owner))
		})
	}
}

func TestARecordedUIDStandsForTrackingMetadata(t *testing.T) {
	with := func(o *corev1.ConfigMap) *corev1.ConfigMap {
		o.UID = "recorded"
		return o
	}
	for sentence, test := range map[string]struct {
		object   *corev1.ConfigMap
		recorded types.UID
		want     Relation
	}{
		"tracked as this owner's":                              {with(annotated("Principal/shop/web/u1" + self)), "", OwnedByThis},
		"tracked as a namesake's":                              {with(annotated("Principal/shop/web/u0" + self)), "recorded", LeftByPredecessor},
		"a namesake's that refers to it":                       {referring(annotated("Principal/shop/web/u0"+self), "u0"), "", LeftByPredecessor},
		"tracked as another name's, though recorded":           {with(annotated("Principal/shop/other/u1" + self)), "recorded", OwnedByOther},
		"without an annotation, recorded":                      {with(&corev1.ConfigMap{}), "recorded", OwnedByThis},
		"without an annotation, another than the recorded one": {with(&corev1.ConfigMap{}), "earlier", Unowned},
		"without an annotation or a record":                    {&corev1.ConfigMap{}, "", Unowned},
		"a copy under another name":                            {with(annotated("Principal/shop/web/u1/ConfigMap//y")), "", Unowned},
		"recorded, and controlled by another since":            {with(controlled(&corev1.ConfigMap{}, "u9")), "recorded", OwnedByOther},
		"without an annotation, said to be controlled by it":   {controlled(&corev1.ConfigMap{}, "u1"), "", OwnedByOther},
		"tracked as this owner's, but controlled elsewhere":    {with(controlled(annotated("Principal/shop/web/u1"+self), "u9")), "recorded", OwnedByOther},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, RelateRecorded(test.object, configMapKind, owner, test.recorded))
		})
	}
}

func TestACreatedObjectCarriesTrackingMetadata(t *testing.T) {
	kind := xosv1.SchemeGroupVersion.WithKind("Principal")
	plain := WithTracking(corev1ac.ConfigMap("x", "far"), trackingOf(owner), kind, false)
	assert.Equal(t, map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}, plain.Labels)
	assert.Equal(t, map[string]string{xosv1.OwnerAnnotation: trackingOf(owner).String()}, plain.Annotations)
	assert.Empty(t, plain.OwnerReferences)

	referenced := WithTracking(corev1ac.ConfigMap("x", "shop"), trackingOf(owner), kind, true)
	if assert.Len(t, referenced.OwnerReferences, 1) {
		ref := referenced.OwnerReferences[0]
		assert.Equal(t, "xos.opencord.org/v1 Principal web u1", *ref.APIVersion+" "+*ref.Kind+" "+*ref.Name+" "+string(*ref.UID))
		assert.True(t, *ref.Controller)
	}
}

func TestThePathOfANamespaceIsNotInIt(t *testing.T) {
	assert.Equal(t, "shop", RecordedNamespace("/apis/apps/v1/namespaces/shop/deployments/web"))
	assert.Empty(t, RecordedNamespace("/api/v1/namespaces/shop"))
	assert.Empty(t, RecordedNamespace(""))
}
