package ownership

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestWhatAnotherManagerKeepsIsNotTakenOver(t *testing.T) {
	labelled := func(value string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", Labels: map[string]string{xosv1.ManagedByLabel: value}}}
	}
	assert.NoError(t, CheckManagedBy("ConfigMap", &corev1.ConfigMap{}))
	assert.NoError(t, CheckManagedBy("ConfigMap", labelled("")))
	assert.NoError(t, CheckManagedBy("ConfigMap", labelled(xosv1.ManagedByValue)))
	assert.EqualError(t, CheckManagedBy("ConfigMap", labelled("Helm")), "ConfigMap shop/web says that Helm keeps it: to have it taken over, "+
		"see to it that Helm does not change it any more, and take its label app.kubernetes.io/managed-by off")
}
