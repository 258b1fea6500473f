package ownership

import (
	"testing"

	"github.com/stretchr/testify/assert"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// The adoption table: which policies of a trust domain allow an object of a kind to be
// adopted, without and with the consent of a client that may change the object.
func TestAdoptionTable(t *testing.T) {
	const none, workloads, all = xosv1.DomainAdoptionNone, xosv1.DomainAdoptionWorkloads, xosv1.DomainAdoptionAll
	type policies = []xosv1.DomainAdoption
	always := policies{none, workloads, all}
	named := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }
	token := &corev1.Secret{ObjectMeta: named("web"), Type: corev1.SecretTypeServiceAccountToken}
	known := &metav1.PartialObjectMetadata{ObjectMeta: named("web")} // as a blob's object is known
	known.Annotations = map[string]string{corev1.ServiceAccountNameKey: "web"}
	for sentence, test := range map[string]struct {
		kind             schema.GroupKind
		object           metav1.Object
		unasked, consent policies
	}{
		"a namespace":                     {schema.GroupKind{Kind: "Namespace"}, &corev1.Namespace{ObjectMeta: named("web")}, always, always},
		"a pod":                           {schema.GroupKind{Kind: "Pod"}, &corev1.Pod{ObjectMeta: named("web")}, policies{workloads, all}, always},
		"a deployment":                    {schema.GroupKind{Group: "apps", Kind: "Deployment"}, &appsv1.Deployment{ObjectMeta: named("web")}, policies{workloads, all}, always},
		"a config map":                    {schema.GroupKind{Kind: "ConfigMap"}, &corev1.ConfigMap{ObjectMeta: named("web")}, policies{all}, always},
		"the cluster's root certificates": {schema.GroupKind{Kind: "ConfigMap"}, &corev1.ConfigMap{ObjectMeta: named("kube-root-ca.crt")}, nil, nil},
		"a secret":                        {schema.GroupKind{Kind: "Secret"}, &corev1.Secret{ObjectMeta: named("web")}, policies{all}, always},
		"an account's token":              {schema.GroupKind{Kind: "Secret"}, token, nil, nil},
		"a token known by its metadata":   {schema.GroupKind{Kind: "Secret"}, known, nil, nil},
		"a joining node's token":          {schema.GroupKind{Kind: "Secret"}, &corev1.Secret{ObjectMeta: named("bootstrap-token-abc")}, nil, nil},
		"an account":                      {schema.GroupKind{Kind: "ServiceAccount"}, &corev1.ServiceAccount{ObjectMeta: named("web")}, nil, always},
		"a namespace's default account":   {schema.GroupKind{Kind: "ServiceAccount"}, &corev1.ServiceAccount{ObjectMeta: named("default")}, nil, nil},
		"a role binding":                  {schema.GroupKind{Group: rbacv1.GroupName, Kind: "RoleBinding"}, &rbacv1.RoleBinding{ObjectMeta: named("web")}, nil, always},
		"a kind without a rule":           {schema.GroupKind{Group: "example.com", Kind: "Widget"}, &metav1.PartialObjectMetadata{ObjectMeta: named("web")}, policies{all}, always},
	} {
		t.Run(sentence, func(t *testing.T) {
			allowed := func() (found policies) {
				for _, policy := range always {
					if AdoptionRuleOf(test.kind).Allows(test.object, policy) {
						found = append(found, policy)
					}
				}
				return found
			}
			assert.Equal(t, test.unasked, allowed(), "without consent")
			annotations := map[string]string{xosv1.AdoptableAnnotation: "true"}
			for key, value := range test.object.GetAnnotations() {
				annotations[key] = value
			}
			test.object.SetAnnotations(annotations)
			assert.Equal(t, test.consent, allowed(), "with the consent of the object")
		})
	}
}
