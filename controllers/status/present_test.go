package status_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

func TestAHandleIsTheObjectsPathInTheAPI(t *testing.T) {
	for want, parts := range map[string][4]string{
		"/api/v1/namespaces/shop/pods/web":                     {"v1", "pods", "shop", "web"},
		"/api/v1/namespaces/shop":                              {"v1", "namespaces", "", "shop"},
		"/apis/apps/v1/namespaces/shop/deployments/web":        {"apps/v1", "deployments", "shop", "web"},
		"/apis/rbac.authorization.k8s.io/v1/clusterroles/view": {"rbac.authorization.k8s.io/v1", "clusterroles", "", "view"},
	} {
		assert.Equal(t, want, observe.Handle(parts[0], parts[1], parts[2], parts[3]))
	}
}

func TestWhatIsReadyAsSoonAsItExistsIsInProgressBefore(t *testing.T) {
	assert.Equal(t, outcome.Progressing, status.Present("ConfigMap", "a/b", false).State)
	assert.Equal(t, outcome.Ready, status.Present("ConfigMap", "a/b", true).State)
}

func TestAnObjectIsReadyOnlyWhereItsConditionSaysSo(t *testing.T) {
	for sentence, test := range map[string]struct {
		conditions []metav1.Condition
		want       bool
	}{
		"without conditions it is not": {nil, false},
		"with Ready False it is not":   {[]metav1.Condition{{Type: xosv1.ConditionReady, Status: metav1.ConditionFalse}}, false},
		"with Ready Unknown it is not": {[]metav1.Condition{{Type: xosv1.ConditionReady, Status: metav1.ConditionUnknown}}, false},
		"with Ready True it is":        {[]metav1.Condition{{Type: xosv1.ConditionReady, Status: metav1.ConditionTrue}}, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, status.IsReady(&xosv1.Principal{Status: xosv1.PrincipalStatus{ObjectStatus: xosv1.ObjectStatus{Conditions: test.conditions}}}))
		})
	}
}

func TestATrustDomainIsJudgedByItsNamespace(t *testing.T) {
	present := outcome.Succeeded("there")
	now := metav1.Now()
	for sentence, test := range map[string]struct {
		namespace *corev1.Namespace
		state     outcome.State
		status    xosv1.TrustDomainStatus
	}{
		"none is what its presence says": {nil, outcome.Ready, xosv1.TrustDomainStatus{}},
		"an active one is there": {
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop"}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceActive}},
			outcome.Ready, xosv1.TrustDomainStatus{Namespace: "shop", Phase: "Active"}},
		"one that ends will be recreated": {
			&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", DeletionTimestamp: &now}, Status: corev1.NamespaceStatus{Phase: corev1.NamespaceTerminating}},
			outcome.Progressing, xosv1.TrustDomainStatus{Namespace: "shop", Phase: "Terminating"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			into := &xosv1.TrustDomain{Status: xosv1.TrustDomainStatus{Namespace: "before", Phase: "Before"}}
			assert.Equal(t, test.state, status.TrustDomain(into, test.namespace, present).State)
			assert.Equal(t, test.status, into.Status)
		})
	}
}
