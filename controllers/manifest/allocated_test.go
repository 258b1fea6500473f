package manifest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestWhatAServiceHolds(t *testing.T) {
	for sentence, test := range map[string]struct {
		spec map[string]any
		want []string
	}{
		"nothing":             {nil, nil},
		"no node port":        {map[string]any{"ports": []any{map[string]any{"port": int64(80), "nodePort": int64(0)}}}, nil},
		"a headless one":      {map[string]any{"clusterIP": "None"}, nil},
		"an address":          {map[string]any{"clusterIP": "10.0.0.7"}, []string{"address 10.0.0.7"}},
		"node ports":          {map[string]any{"ports": []any{map[string]any{"nodePort": int64(30001)}, map[string]any{"nodePort": int64(30002)}}}, []string{"node port 30001", "node port 30002"}},
		"a health check's":    {map[string]any{"healthCheckNodePort": int64(30003)}, []string{"node port 30003"}},
		"what makes no sense": {map[string]any{"ports": "80"}, nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			assert.Equal(t, test.want, Allocated(&unstructured.Unstructured{Object: map[string]any{"spec": test.spec}}))
		})
	}
}
