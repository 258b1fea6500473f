package controllers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
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
			outcome, refused := verdict.FromErrors(notOfItself(s, test.place))
			assert.Equal(t, test.refused, refused)
			if refused {
				assert.Equal(t, verdict.Stalled, outcome.State)
				assert.Equal(t, xosv1.ReasonInvalid, outcome.Reason)
				assert.Contains(t, outcome.Message, "spec.dataFrom names Secret team/keys")
			}
		})
	}
}
