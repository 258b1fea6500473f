package ownership

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestTheHolderOfAnObjectIsReportedAsFarAsKnown(t *testing.T) {
	for want, object := range map[string]*corev1.ConfigMap{
		"Principal shop/web": annotated(trackingOf(owner).String()),
		"App b":              controlled(&corev1.ConfigMap{}, "u9"),
		"Helm release shop":  {ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"meta.helm.sh/release-name": "shop"}}},
		"Tool":               {ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{xosv1.ManagedByLabel: "Tool"}}},
		"kubectl-create":     {ObjectMeta: metav1.ObjectMeta{ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubectl-create"}}}},
		"another client":     {},
	} {
		assert.Equal(t, want, Holder(object))
	}
}

func TestAHolderInAnotherNamespaceIsNotDisclosed(t *testing.T) {
	helm := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Annotations: map[string]string{"meta.helm.sh/release-name": "front"}}}
	workload := controlled(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop"}}, "u9")
	tool := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Labels: map[string]string{xosv1.ManagedByLabel: "Tool"}}}
	domains := annotated(trackingOf(Owner{Kind: "TrustDomain", Name: cache.NewObjectName("", "shop"), UID: "u2"}).String())
	for sentence, test := range map[string]struct {
		reader string
		object *corev1.ConfigMap
		want   string
	}{
		"a custom resource of the reader's own":   {"shop", annotated(trackingOf(owner).String()), "Principal shop/web"},
		"one of another's":                        {"team", annotated(trackingOf(owner).String()), elsewhere},
		"a cluster-scoped one":                    {"team", domains, "TrustDomain shop"},
		"a controller of the reader's own":        {"shop", workload, "App b"},
		"a controller of another's":               {"team", workload, elsewhere},
		"a Helm release of another's":             {"team", helm, elsewhere},
		"a field manager, for any reader":         {"team", tool, "Tool"},
		"all of it, for cluster-scoped readers":   {"", annotated(trackingOf(owner).String()), "Principal shop/web"},
		"controllers, for cluster-scoped readers": {"", workload, "App b"},
	} {
		t.Run(sentence, func(t *testing.T) { assert.Equal(t, test.want, HolderFor(test.reader, test.object)) })
	}
}

func TestANameConflictNamesItsWayOut(t *testing.T) {
	held := annotated(trackingOf(owner).String())
	for sentence, test := range map[string]struct {
		reader   string
		unowned  bool
		withheld string
		want     string
	}{
		"to a reader that may know it": {"shop", false, "", "ConfigMap x exists and belongs to Principal shop/web: give it another name"},
		"with adoption, where that is possible": {"shop", true, "",
			"ConfigMap x exists and belongs to Principal shop/web: give it another name, or set spec.adopt to IfUnowned to take it over"},
		"and the holder to the log alone otherwise": {"team", false, "Principal shop/web",
			"ConfigMap x exists and belongs to an object in another namespace: give it another name"},
	} {
		t.Run(sentence, func(t *testing.T) {
			withheld, err := NameConflict("ConfigMap x", "it", test.reader, held, test.unowned)
			assert.EqualError(t, err, test.want)
			assert.Equal(t, test.withheld, withheld)
		})
	}
}
