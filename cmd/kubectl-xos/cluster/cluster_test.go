package cluster

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// TestOneResourceThatCantBeDecodedHidesNoOther has a server list an Image whose digest is a number.
func TestOneResourceThatCantBeDecodedHidesNoOther(t *testing.T) {
	empty := map[string]string{
		"/api/v1/namespaces": "NamespaceList", "/api/v1/nodes": "NodeList", "/api/v1/pods": "PodList",
		"/apis/xos.opencord.org/v1/kubernetesservices": "KubernetesServiceList", "/apis/xos.opencord.org/v1/trustdomains": "TrustDomainList",
		"/apis/xos.opencord.org/v1/principals": "PrincipalList", "/apis/xos.opencord.org/v1/slices": "SliceList",
		"/apis/xos.opencord.org/v1/kubernetesserviceinstances": "KubernetesServiceInstanceList",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		version := "xos.opencord.org/v1"
		if r.URL.Path[:5] == "/api/" {
			version = "v1"
		}
		body := `{"apiVersion":"` + version + `","kind":"` + empty[r.URL.Path] + `","items":[]}`
		if r.URL.Path == "/apis/xos.opencord.org/v1/images" {
			body = `{"apiVersion":"xos.opencord.org/v1","kind":"ImageList","items":[
				{"metadata":{"name":"bad","uid":"b"},"spec":{"name":"nginx","digest":5}},
				{"metadata":{"name":"good","uid":"g"},"spec":{"name":"nginx","tag":"1"}}]}`
		}
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	reader, err := NewReader(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	objects, err := reader.Objects(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "1", objects.Images[cache.NewObjectName("", "good")].Spec.Tag)
	assert.Equal(t, "nginx", objects.Images[cache.NewObjectName("", "bad")].Spec.Name)
}
