package lifecycle

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

const record = `{kind: Slice, metadata: {name: web, namespace: shop, annotations: {xos.opencord.org/mirrors: Deployment.v1.apps/shop/web/1}},
	spec: {xosManaged: false, controllerKind: Deployment, adopt: IfUnowned}}`

func live(annotations, labels map[string]string) *metav1.ObjectMeta {
	return &metav1.ObjectMeta{Name: "web", Namespace: "shop", Annotations: annotations, Labels: labels}
}

func TestARecordTakesOverWhatItRecords(t *testing.T) {
	o := object(t, record)
	native, err := NativeOf(o, "shop")
	require.NoError(t, err)
	assert.Equal(t, "Deployment shop/web", native.String())
	assert.Equal(t, "deployments", native.Resource)

	takeover, err := Adopt(o, native, live(nil, nil), Domain{Managed: true})
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"xosManaged": true}, takeover.Spec)
	assert.True(t, takeover.Consent)
	assert.Equal(t, []string{
		"Slice shop/web manages Deployment shop/web: what its spec declares is kept so, and all else stays as it is",
		`Deployment shop/web gets the annotation xos.opencord.org/adoptable: "true", the consent to that`,
		"pods go on running",
		"Deployment shop/web stays when it is deleted, unless spec.deletionPolicy is Delete",
	}, takeover.Effects)
}

func TestConsentIsGivenWhereItLacksOnly(t *testing.T) {
	o := object(t, record)
	native, err := NativeOf(o, "shop")
	require.NoError(t, err)
	for _, c := range []struct {
		name        string
		annotations map[string]string
		domain      Domain
		want        bool
	}{
		{"none", nil, Domain{Managed: true}, true},
		{"the object's", map[string]string{xosv1.AdoptableAnnotation: "true"}, Domain{Managed: true}, false},
		{"the domain's", nil, Domain{Managed: true, Policy: xosv1.DomainAdoptionWorkloads}, false},
		{"the fence asks for the object's", nil, Domain{Policy: xosv1.DomainAdoptionAll}, true},
	} {
		takeover, err := Adopt(o, native, live(c.annotations, nil), c.domain)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, takeover.Consent, c.name)
	}
}

func TestWhatOthersKeepIsNotTakenOver(t *testing.T) {
	o := object(t, record)
	native, err := NativeOf(o, "shop")
	require.NoError(t, err)
	owned := live(map[string]string{xosv1.OwnerAnnotation: "Slice/team/web/9/Deployment.apps/shop/web"}, nil)
	controlled := live(nil, nil)
	controlled.OwnerReferences = []metav1.OwnerReference{{Kind: "App", Name: "a", UID: "7", Controller: new(bool)}}
	*controlled.OwnerReferences[0].Controller = true
	for want, o2 := range map[string]metav1.Object{
		"Deployment shop/web belongs to another object of XOS: release it there first":                      owned,
		"Deployment shop/web belongs to App a, and is never taken over from that: take over the controller": controlled,
		"Deployment shop/web says that Helm keeps it":                                                       live(nil, map[string]string{xosv1.ManagedByLabel: "Helm"}),
		"there is no Deployment shop/web to take over":                                                      nil,
	} {
		_, err := Adopt(o, native, o2, Domain{})
		assert.ErrorContains(t, err, want)
	}
	certificates := object(t, "{kind: KubernetesConfigMap, metadata: {name: kube-root-ca.crt, namespace: shop}}")
	native, err = NativeOf(certificates, "shop")
	require.NoError(t, err)
	_, err = Adopt(certificates, native, &metav1.ObjectMeta{Name: "kube-root-ca.crt"}, Domain{Managed: true, Policy: xosv1.DomainAdoptionAll})
	assert.ErrorContains(t, err, "never adopted")
}

func TestWhatCantBeTakenOverIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{kind: Slice, metadata: {name: web, namespace: shop}}":                                                                                                               "has no controller",
		"{kind: Slice, metadata: {name: web, namespace: shop}, spec: {controllerKind: Rollout}}":                                                                              "records a Rollout, which can't be taken over",
		`{kind: Slice, metadata: {name: web, namespace: shop, annotations: {xos.opencord.org/mirrors: Deployment.v1.apps/shop/other/1}}, spec: {controllerKind: Deployment}}`: "records Deployment shop/other",
	} {
		_, err := NativeOf(object(t, text), "shop")
		assert.ErrorContains(t, err, want)
	}
}

func TestATrustDomainSaysWhichPodsItAdmits(t *testing.T) {
	o := object(t, "{kind: TrustDomain, metadata: {name: shop}, spec: {xosManaged: false, namespace: legacy, deletionPolicy: Delete}}")
	native, err := NativeOf(o, "")
	require.NoError(t, err)
	takeover, err := Adopt(o, native, &metav1.ObjectMeta{Name: "legacy"}, Domain{Managed: true})
	require.NoError(t, err)
	assert.False(t, takeover.Consent, "only an operator writes trust domains")
	assert.Equal(t, []string{
		"TrustDomain shop manages Namespace legacy: what its spec declares is kept so, and all else stays as it is",
		"the namespace enforces the Pod Security Standard baseline on pods that are created from then on",
		"Namespace legacy is deleted with it, since spec.deletionPolicy is Delete",
	}, takeover.Effects)
}

func TestWhatIsReleasedIsARecord(t *testing.T) {
	takeover, err := Release(object(t, "{kind: Principal, metadata: {name: web, namespace: shop}, status: {backendHandle: /api/v1/namespaces/shop/serviceaccounts/web}}"))
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"xosManaged": false}, takeover.Spec)
	assert.Equal(t, []string{
		"Principal shop/web becomes a record: XOS changes, repairs and deletes nothing for it any more",
		"/api/v1/namespaces/shop/serviceaccounts/web stays as it is, without the tracking metadata of XOS",
		"RoleBindings that XOS made for it are deleted: a record has no roles",
	}, takeover.Effects)
	takeover, err = Release(object(t, record))
	require.NoError(t, err)
	assert.Empty(t, takeover.Spec, "it is one already")
}
