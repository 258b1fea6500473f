package owners

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest/fake"
	"k8s.io/client-go/tools/cache"
	testingclock "k8s.io/utils/clock/testing"

	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
)

func TestScaleIsReadInTheVersionOfTheReferenceAndKept(t *testing.T) {
	fleet := schema.GroupVersionResource{Group: "example.org", Version: "v1beta1", Resource: "fleets"}
	const uid = `"metadata":{"name":"sea","namespace":"shop","uid":"u1"}`
	for sentence, test := range map[string]struct {
		resource schema.GroupVersionResource
		status   int
		body     string
		path     string
		want     *observe.Workload
		fails    string
	}{
		"a custom resource": {resource: fleet, body: `{"apiVersion":"autoscaling/v1","kind":"Scale",` + uid + `,"spec":{"replicas":3},"status":{"replicas":1,"selector":"fleet=sea"}}`,
			path: "/apis/example.org/v1beta1/namespaces/shop/fleets/sea/scale", want: &observe.Workload{Desired: 3, Current: 1, Selector: "fleet=sea"}},
		"a kind of the core group": {resource: schema.GroupVersionResource{Version: "v1", Resource: "fleets"},
			body: `{"apiVersion":"autoscaling/v1","kind":"Scale",` + uid + `,"spec":{"replicas":2},"status":{"replicas":2}}`,
			path: "/api/v1/namespaces/shop/fleets/sea/scale", want: &observe.Workload{Desired: 2, Current: 2}},
		"an older kind of scale": {resource: fleet, body: `{"apiVersion":"extensions/v1beta1","kind":"Scale",` + uid + `,"spec":{"replicas":3},"status":{"replicas":1,"selector":{"fleet":"sea"}}}`,
			path: "/apis/example.org/v1beta1/namespaces/shop/fleets/sea/scale", want: &observe.Workload{Desired: 3, Current: 1, Selector: "fleet=sea"}},
		"of another object": {resource: fleet, body: `{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"sea","uid":"u2"}}`,
			path: "/apis/example.org/v1beta1/namespaces/shop/fleets/sea/scale"},
		"no scale at all": {resource: fleet, body: `{"apiVersion":"example.org/v1","kind":"Size"}`,
			path: "/apis/example.org/v1beta1/namespaces/shop/fleets/sea/scale"},
		"gone":         {resource: fleet, status: http.StatusNotFound, path: "/apis/example.org/v1beta1/namespaces/shop/fleets/sea/scale"},
		"forbidden":    {resource: fleet, status: http.StatusForbidden, path: "/apis/example.org/v1beta1/namespaces/shop/fleets/sea/scale"},
		"out of order": {resource: fleet, status: http.StatusInternalServerError, path: "/apis/example.org/v1beta1/namespaces/shop/fleets/sea/scale", fails: "get the scale of Fleet"},
	} {
		t.Run(sentence, func(t *testing.T) {
			var asked []string
			client := &fake.RESTClient{
				NegotiatedSerializer: scheme.Codecs.WithoutConversion(),
				Client: fake.CreateHTTPClient(func(r *http.Request) (*http.Response, error) {
					asked = append(asked, r.URL.RequestURI())
					status := max(test.status, http.StatusOK)
					return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": []string{"application/json"}}, Body: io.NopCloser(strings.NewReader(test.body))}, nil
				}),
			}
			of := ownership.Mirrored{Kind: test.resource.GroupVersion().WithKind("Fleet"), Name: cache.NewObjectName("shop", "sea"), UID: "u1"}
			where := kinds.Resource{GroupVersionResource: test.resource, Namespaced: true, Scales: true}
			clock := testingclock.NewFakeClock(time.Unix(1e9, 0))
			s := newScales(client, clock)
			read := func() *observe.Workload {
				shown, _, err := s.read(t.Context(), of, where)
				if test.fails != "" {
					require.ErrorContains(t, err, test.fails)
				} else {
					require.NoError(t, err)
				}
				return shown
			}
			assert.Equal(t, test.want, read())
			assert.Equal(t, test.want, read())
			if test.fails != "" {
				assert.Len(t, asked, 2, "a failure is no answer that could be kept")
				return
			}
			assert.Equal(t, []string{test.path}, asked, "the answer is kept for a while")
			clock.Step(refusalKept + time.Second)
			assert.Equal(t, test.want, read())
			assert.Len(t, asked, 2)
		})
	}
}
