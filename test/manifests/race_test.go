package manifests

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// beforeApply has something happen between the read of ConfigMap settings and the
// first apply to it that holds a text.
func (s *env) beforeApply(text string, happen func()) {
	s.Helper()
	var once sync.Once
	s.manager.Intercept(s, func(r transport.Request) transport.Fault {
		if r.Namespace == s.domain && r.Verb == "apply" && r.Name == "settings" && strings.Contains(string(r.Body), text) {
			once.Do(happen)
		}
		return nil
	})
}

// adoptable is the annotation of what may be taken over.
var adoptable = map[string]string{xosv1.AdoptableAnnotation: "true"}

// createByAnother creates the ConfigMap settings as another client.
func (s *env) createByAnother(data, annotations map[string]string) {
	_, err := s.kube.CoreV1().ConfigMaps(s.domain).Create(context.Background(),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings", Annotations: annotations}, Data: data}, metav1.CreateOptions{FieldManager: "another-client"})
	assert.NoError(s, err)
}

func TestAnObjectCreatedConcurrentlyIsLeftAsItIs(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]map[string]string{
		"another field":              {"mine": "yes"},
		"the same field":             {"color": "blue"},
		"the same field and another": {"color": "blue", "mine": "yes"},
		"another value of our field": {"color": "red"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := tenant(t)
			s.beforeApply("", func() { s.createByAnother(data, nil) })
			s.apply("blob", settings)
			s.unready("blob", xosv1.ReasonNotOwned, "ConfigMap $domain/settings", "spec.adopt")
			settled(s, s.manager, 0)
			left := testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
			require.Equal(t, data, left.Data)
			require.Empty(t, left.Annotations)
			for _, fields := range left.ManagedFields {
				require.Equal(t, "another-client", fields.Manager)
			}
			s.delete("blob")
			testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
		})
	}
}

func TestAnObjectCreatedMeanwhileIsAdoptedWhereAsked(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.beforeApply("", func() { s.createByAnother(map[string]string{"mine": "yes"}, adoptable) })
	s.apply("blob", settings, func(i instance) { i.Spec.Adopt = xosv1.AdoptIfUnowned })
	s.ready("blob")
	adopted := testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil)
	require.Equal(t, map[string]string{"mine": "yes", "color": "blue"}, adopted.Data)
	require.NotEmpty(t, adopted.Annotations[xosv1.AdoptedAnnotation])
	s.delete("blob")
	require.Equal(t, map[string]string{"mine": "yes", "color": "blue"},
		testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil).Data, "it was there before, and stays")
}

func TestOfTwoThatDeclareOneObjectAtTheSameMomentOneHasIt(t *testing.T) {
	t.Parallel()
	s := tenant(t)
	s.beforeApply("/rival/", func() { // the rival has looked and found nothing
		s.apply("blob", settings)
		s.ready("blob")
	})
	s.apply("rival", strings.ReplaceAll(settings, "blue", "red"), func(i instance) { i.Spec.Adopt = xosv1.AdoptIfUnowned })
	s.unready("rival", xosv1.ReasonNotOwned, "belongs to KubernetesResourceInstance $domain/blob")
	s.delete("rival")
	s.ready("blob")
	require.Equal(t, map[string]string{"color": "blue"}, testkit.Await(t, s.kube.CoreV1().ConfigMaps(s.domain).Get, "settings", nil).Data)
	require.NotContains(t, s.manager.Since(0).In(s.domain).Named("settings").Lines(), "delete configmaps settings")
}
