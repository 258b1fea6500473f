package controllers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func TestASecretTakesNoValuesFromTheOneThatItMakes(t *testing.T) {
	for sentence, test := range map[string]struct {
		sources []string
		place   string
		refused bool
	}{
		"no source is none":                           {nil, "team", false},
		"others are fine":                             {[]string{"a", "b"}, "team", false},
		"itself, as the only one":                     {[]string{"keys"}, "team", true},
		"itself, among others":                        {[]string{"a", "keys"}, "team", true},
		"one of its name, where its own is elsewhere": {[]string{"keys"}, "shop", false},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := &xosv1.KubernetesSecret{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "keys"}}
			for _, name := range test.sources {
				s.Spec.DataFrom = append(s.Spec.DataFrom, xosv1.SecretSource{Name: name})
			}
			reached, refused := outcome.FromErrors(checkNotOwnSource(s, test.place))
			assert.Equal(t, test.refused, refused)
			if refused {
				assert.Equal(t, outcome.Stalled, reached.State)
				assert.Equal(t, xosv1.ReasonInvalid, reached.Reason)
				assert.Contains(t, reached.Message, "spec.dataFrom names Secret team/keys")
			}
		})
	}
}

func TestASecretIsCopiedOnlyWhereItsOwnSideConsents(t *testing.T) {
	source := func(kind corev1.SecretType, shared string) *corev1.Secret {
		s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "keys"}, Type: kind}
		if shared != "" {
			s.Annotations = map[string]string{xosv1.SharedWithAnnotation: shared}
		}
		return s
	}
	for sentence, test := range map[string]struct {
		source *corev1.Secret
		place  string
		reason string
	}{
		"within its namespace":                         {source(corev1.SecretTypeOpaque, ""), "team", ""},
		"not into another":                             {source(corev1.SecretTypeOpaque, ""), "shop", xosv1.ReasonNotAdmitted},
		"into a domain that it names":                  {source(corev1.SecretTypeOpaque, "domain"), "shop", ""},
		"into one of those that it names":              {source(corev1.SecretTypeOpaque, "other, domain"), "shop", ""},
		"not into one that it does not name":           {source(corev1.SecretTypeOpaque, "other,domain-2"), "shop", xosv1.ReasonNotAdmitted},
		"not by the name of the domain's namespace":    {source(corev1.SecretTypeOpaque, "shop"), "shop", xosv1.ReasonNotAdmitted},
		"never a token of an account":                  {source(corev1.SecretTypeServiceAccountToken, "domain"), "shop", xosv1.ReasonInvalid},
		"never such a token, not in its own namespace": {source(corev1.SecretTypeServiceAccountToken, ""), "team", xosv1.ReasonInvalid},
		"never a bootstrap token":                      {source(corev1.SecretTypeBootstrapToken, ""), "team", xosv1.ReasonInvalid},
	} {
		t.Run(sentence, func(t *testing.T) {
			reached, _ := outcome.FromErrors(mayBeCopied(test.source, test.place, "domain"))
			assert.Equal(t, test.reason, reached.Reason, reached.Message)
		})
	}
}
