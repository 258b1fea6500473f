package controllers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

// listing is a cluster whose server answers a list of Services with these, or,
// where there are none to answer with, with an error.
func listing(t *testing.T, services *corev1.ServiceList) *cluster.Cluster {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if services == nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_ = json.NewEncoder(w).Encode(services)
	}))
	t.Cleanup(server.Close)
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	return &cluster.Cluster{Kubernetes: client}
}

func TestATakenNodePortIsRetried(t *testing.T) {
	wanted := int32(30080)
	holder := func(namespace, name string) *corev1.ServiceList {
		return &corev1.ServiceList{Items: []corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{NodePort: wanted}}},
		}}}
	}
	refusal := func(path *field.Path, detail string) error {
		return apierrors.NewInvalid(schema.GroupKind{Kind: "Service"}, "shop", field.ErrorList{field.Invalid(path, wanted, detail)})
	}
	spec := field.NewPath("spec")
	taken := refusal(spec.Child("ports").Index(0).Child("nodePort"), "provided port is already allocated")
	for sentence, test := range map[string]struct {
		services *corev1.ServiceList
		err      error
		state    outcome.State
		reason   string
		message  string
	}{
		"its holder in the same namespace is named":     {holder("team", "theirs"), taken, outcome.Blocked, xosv1.ReasonConflict, "node port 30080 of ServicePort http is held by Service team/theirs: "},
		"one of another namespace is not":               {holder("else", "theirs"), taken, outcome.Blocked, xosv1.ReasonConflict, "node port 30080 of ServicePort http is held by an object in another namespace: "},
		"nor another's in the trust domain":             {holder("shop", "theirs"), taken, outcome.Blocked, xosv1.ReasonConflict, "is held by an object in another namespace: "},
		"one that nobody holds is free in a moment":     {&corev1.ServiceList{}, taken, outcome.Retrying, xosv1.ReasonConflict, "its last holder has just gone"},
		"nor is the service its own holder":             {holder("shop", "shop"), taken, outcome.Retrying, xosv1.ReasonConflict, "its last holder has just gone"},
		"it is held, even if nobody can say by whom":    {nil, taken, outcome.Blocked, xosv1.ReasonConflict, "; find out which Service holds it: "},
		"what is wrong with a Service otherwise blocks": {nil, refusal(spec.Child("selector"), "is odd"), outcome.Blocked, xosv1.ReasonInvalid, "is odd"},
	} {
		t.Run(sentence, func(t *testing.T) {
			in := desired.ServiceInput{
				Service:   &xosv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "shop"}},
				Namespace: "shop",
				Ports: []*xosv1.ServicePort{{
					ObjectMeta: metav1.ObjectMeta{Name: "http"},
					Spec:       xosv1.ServicePortSpec{InternalPort: 80, ExternalPort: &wanted},
				}},
			}
			reached, _ := outcome.FromErrors(nodePortTaken(t.Context(), &portHolders{cluster: listing(t, test.services), clock: clock.RealClock{}}, in, desired.Services(in)[0], test.err))
			assert.Equal(t, test.state, reached.State)
			assert.Equal(t, test.reason, reached.Reason)
			assert.Contains(t, reached.Message, test.message)
		})
	}
}

// TestManyWhoAskForNodePortsAskOnce shows that Services which are refused their ports,
// however many, do not have all Services listed each.
func TestManyWhoAskForNodePortsAskOnce(t *testing.T) {
	var lists atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		lists.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(&corev1.ServiceList{Items: []corev1.Service{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "theirs"},
			Spec:       corev1.ServiceSpec{HealthCheckNodePort: 30081, Ports: []corev1.ServicePort{{NodePort: 30080}, {NodePort: 30080}, {}}},
		}}})
	}))
	t.Cleanup(server.Close)
	client, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL})
	require.NoError(t, err)
	now := testclock.NewFakePassiveClock(time.Now())
	h := &portHolders{cluster: &cluster.Cluster{Kubernetes: client}, clock: now}
	for range 100 {
		for port, count := range map[int32]int{30080: 1, 30081: 1, 0: 0, 30082: 0} {
			holders, err := h.of(t.Context(), port)
			require.NoError(t, err)
			assert.Len(t, holders, count, port)
		}
	}
	assert.EqualValues(t, 1, lists.Load())
	now.SetTime(now.Now().Add(holdersTTL))
	_, err = h.of(t.Context(), 30080)
	require.NoError(t, err)
	assert.EqualValues(t, 2, lists.Load(), "an answer stands for a while only")
}
