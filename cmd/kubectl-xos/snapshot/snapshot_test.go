package snapshot

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// TestTheKindsAreThoseOfTheDefinitions compares the table with crds/.
func TestTheKindsAreThoseOfTheDefinitions(t *testing.T) {
	files, err := filepath.Glob("../../../crds/*.yaml")
	require.NoError(t, err)
	var defined []Kind
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var crd apiextensionsv1.CustomResourceDefinition
		require.NoError(t, yaml.Unmarshal(text, &crd))
		names := crd.Spec.Names
		defined = append(defined, Kind{names.Kind, names.Plural, names.ShortNames[0], crd.Spec.Scope == apiextensionsv1.NamespaceScoped})
		assert.Equal(t, crd.Name, defined[len(defined)-1].Resource())
	}
	assert.ElementsMatch(t, defined, Kinds)
}

func TestAKindHasSeveralNames(t *testing.T) {
	for _, word := range []string{"ksi", "KubernetesServiceInstance", "kubernetesserviceinstances", "KSI.xos.opencord.org"} {
		kind, ok := KindOf(word)
		assert.True(t, ok, word)
		assert.Equal(t, "KubernetesServiceInstance", kind.Name)
	}
	for _, word := range []string{"", "pod", "deployments.apps", "xos.opencord.org"} {
		_, ok := KindOf(word)
		assert.False(t, ok, word)
	}
}

func TestReferencesAreInTheOrderOfTheirKinds(t *testing.T) {
	slice, image := Ref{"Slice", "a", "x"}, Ref{Kind: "Image", Name: "z"}
	assert.Negative(t, image.Compare(slice))
	assert.Negative(t, slice.Compare(Ref{"Slice", "b", "a"}))
	assert.Positive(t, Ref{"Pod", "a", "a"}.Compare(slice), "native kinds come last")
	assert.Zero(t, slice.Compare(Ref{"Slice", "a", "x"}))
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	for want, u := range map[string]Unread{
		"pods in all namespaces are left out: you may not list them; choose a namespace with -n": {Resource: "pods", Namespaced: true, Why: Forbidden},
		"pods in namespace acme are left out: you may not list them":                             {Resource: "pods", Namespace: "acme", Namespaced: true, Why: Forbidden},
		"nodes are left out: you may not list them":                                              {Resource: "nodes", Why: Forbidden},
		"sites are left out: the cluster does not serve them (see kubectl xos doctor)":           {Resource: "sites", Why: NotServed},
	} {
		assert.Equal(t, []string{want}, Sentences([]Unread{u}))
	}
}

func TestWhatIsLeftOutForOneReasonIsOneSentence(t *testing.T) {
	assert.Equal(t, []string{"a, c are left out: you may not list them", "b in namespace acme are left out: you may not list them"}, Sentences([]Unread{
		{Resource: "a", Why: Forbidden}, {Resource: "b", Namespace: "acme", Namespaced: true, Why: Forbidden}, {Resource: "c", Why: Forbidden},
	}))
}
