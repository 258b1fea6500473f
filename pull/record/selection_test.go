package record

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

func TestASelectionChoosesPods(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Labels: map[string]string{"app": "web"}}}
	shop := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: map[string]string{"team": "a"}}}
	match := func(key, value string) *metav1.LabelSelector {
		return &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	}
	for name, c := range map[string]struct {
		spec      xosv1.PullSpec
		namespace *corev1.Namespace
		want      Choice
	}{
		"all, where nothing is said":                        {xosv1.PullSpec{}, shop, Selected},
		"all, though the namespace was not seen yet":        {xosv1.PullSpec{}, nil, Selected},
		"by the pod's labels":                               {xosv1.PullSpec{PodSelector: match("app", "web")}, shop, Selected},
		"not with other labels":                             {xosv1.PullSpec{PodSelector: match("app", "db")}, shop, Unselected},
		"by the namespace's labels":                         {xosv1.PullSpec{NamespaceSelector: match("team", "a")}, shop, Selected},
		"not in another team's namespace":                   {xosv1.PullSpec{NamespaceSelector: match("team", "b")}, shop, Unselected},
		"not before the namespace that matters was seen":    {xosv1.PullSpec{NamespaceSelector: match("team", "a")}, nil, Unknown},
		"not in an excluded namespace, whatever its labels": {xosv1.PullSpec{NamespaceSelector: match("team", "a"), ExcludeNamespaces: []string{"shop"}}, shop, Unselected},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := NewSelection(c.spec)
			require.NoError(t, err)
			assert.Equal(t, c.want, s.Pod(pod, c.namespace))
		})
	}
}

func TestASelectionHasDefaults(t *testing.T) {
	s, err := NewSelection(xosv1.PullSpec{})
	require.NoError(t, err)
	assert.True(t, s.Enabled)
	assert.Equal(t, 10*time.Minute, s.ResyncPeriod)
	s, err = NewSelection(xosv1.PullSpec{Enabled: ptr.To(false), ResyncSeconds: ptr.To[int32](20)})
	require.NoError(t, err)
	assert.False(t, s.Enabled)
	assert.Equal(t, 20*time.Second, s.ResyncPeriod)
}

func TestASelectionThatCantBeReadIsRefused(t *testing.T) {
	_, err := NewSelection(xosv1.PullSpec{PodSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"no spaces": "x"}}})
	assert.ErrorContains(t, err, "spec.pull.podSelector")
}
