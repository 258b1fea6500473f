package desired

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func templateOf(change func(*xosv1.PodTemplate)) *xosv1.PodTemplate {
	template := &xosv1.PodTemplate{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "web:1"}}}}
	change(template)
	return template
}

// The schema refuses these too; what was stored before it did is refused when it is
// planned.
func TestAPlanRefusesATemplateWithReservedNames(t *testing.T) {
	for sentence, test := range map[string]struct {
		template *xosv1.PodTemplate
		want     []string
	}{
		"none":                   {nil, nil},
		"labels of its author's": {templateOf(func(p *xosv1.PodTemplate) { p.Metadata.Labels = map[string]string{"app": "web"} }), nil},
		"another tool's label":   {templateOf(func(p *xosv1.PodTemplate) { p.Metadata.Labels = map[string]string{xosv1.ManagedByLabel: "Helm"} }), nil},
		"a system class":         {templateOf(func(p *xosv1.PodTemplate) { p.Spec.PriorityClassName = "system-node-critical" }), nil},
		"our managed-by label": {templateOf(func(p *xosv1.PodTemplate) {
			p.Metadata.Labels = map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}
		}), []string{"spec.template.metadata.labels", xosv1.ManagedByLabel, "leave it out"}},
		"a label of ours":         {templateOf(func(p *xosv1.PodTemplate) { p.Metadata.Labels = map[string]string{xosv1.SliceLabel: "other"} }), []string{"spec.template.metadata.labels", xosv1.SliceLabel}},
		"our tracking annotation": {templateOf(func(p *xosv1.PodTemplate) { p.Metadata.Annotations = map[string]string{xosv1.OwnerAnnotation: "x"} }), []string{"spec.template.metadata.annotations", xosv1.OwnerAnnotation}},
		"an account":              {templateOf(func(p *xosv1.PodTemplate) { p.Spec.ServiceAccountName = "admin" }), []string{"spec.template.spec.serviceAccountName", "spec.principal"}},
		"an account, as it was":   {templateOf(func(p *xosv1.PodTemplate) { p.Spec.DeprecatedServiceAccount = "admin" }), []string{"spec.template.spec.serviceAccountName"}},
		"containers that come late": {templateOf(func(p *xosv1.PodTemplate) {
			p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug"}}}
		}), []string{"spec.template.spec.ephemeralContainers", "leave them out"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			instance := &xosv1.KubernetesServiceInstance{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop"}}
			instance.Spec.Template = test.template
			_, ofPod := Pod(InstanceInput{Instance: instance, Namespace: "shop", Image: "web:1"})
			slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "shop"}, Spec: xosv1.SliceSpec{Template: test.template}}
			_, ofSlice := Deployment(SliceInput{Slice: slice, Namespace: "shop"})
			for _, err := range []error{ofPod, ofSlice} {
				if test.want == nil {
					assert.NoError(t, err)
				}
				for _, part := range test.want {
					assert.ErrorContains(t, err, part)
				}
			}
		})
	}
}

func TestAClaimThatNamesWhatIsOursIsRefused(t *testing.T) {
	slice := &xosv1.Slice{ObjectMeta: metav1.ObjectMeta{Name: "db", Namespace: "shop"}}
	slice.Spec.VolumeClaimTemplates = []xosv1.VolumeClaimTemplate{{
		Name: "data", Metadata: xosv1.TemplateMetadata{Labels: map[string]string{xosv1.ManagedByLabel: xosv1.ManagedByValue}},
	}}
	_, err := StatefulSet(SliceInput{Slice: slice, Namespace: "shop"})
	assert.ErrorContains(t, err, "spec.volumeClaimTemplates[data].metadata.labels has "+xosv1.ManagedByLabel)
}

func TestASystemPriorityIsTheDomainsToAllow(t *testing.T) {
	for sentence, test := range map[string]struct {
		class   string
		allowed []string
		want    string
	}{
		"none":                              {"", nil, ""},
		"another class":                     {"batch", nil, ""},
		"a system class":                    {"system-node-critical", nil, "system-node-critical"},
		"a system class that is listed":     {"system-node-critical", []string{"system-node-critical"}, ""},
		"a system class beside one that is": {"system-cluster-critical", []string{"system-node-critical"}, "system-cluster-critical"},
	} {
		t.Run(sentence, func(t *testing.T) {
			domain := &xosv1.TrustDomain{Spec: xosv1.TrustDomainSpec{AllowedPriorityClasses: test.allowed}}
			template := templateOf(func(p *xosv1.PodTemplate) { p.Spec.PriorityClassName = test.class })
			assert.Equal(t, test.want, PriorityNotAllowed(domain, template))
		})
	}
	assert.Empty(t, PriorityNotAllowed(&xosv1.TrustDomain{}, nil))
}
