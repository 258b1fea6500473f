package managedfields_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

// wishes are what we apply. The fake server keeps the records of who manages which
// field by the library and the schemas that a real one does it with.
const (
	wantedDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}, annotations: {xos.opencord.org/owner: a}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      nodeSelector: {disk: ssd}
      tolerations: [{key: a, operator: Exists}]
      containers:
      - name: main
        image: web:1
        args: [--fast]
        ports: [{containerPort: 80}]
        env: [{name: A, value: a}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
        resources: {requests: {cpu: 500m}}
`
	wantedService = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080, protocol: TCP}]
`
)

// patch is what another client sends.
type patch struct{ manager, text string }

func TestDriftIsWhatAnotherClientChanged(t *testing.T) {
	by := func(manager, text string) patch { return patch{manager, text} }
	for sentence, test := range map[string]struct {
		wish    string
		patches []patch
		want    []string
	}{
		"nothing happened":                       {wantedDeployment, nil, nil},
		"a label of another client's":            {wantedDeployment, []patch{by("kubectl-label", `{"metadata":{"labels":{"team":"a"}}}`)}, nil},
		"an annotation of a native controller's": {wantedDeployment, []patch{by("kube-controller-manager", `{"metadata":{"annotations":{"deployment.kubernetes.io/revision":"1"}}}`)}, nil},
		"our label was changed":                  {wantedDeployment, []patch{by("kubectl-label", `{"metadata":{"labels":{"app":"other"}}}`)}, []string{"metadata.labels.app"}},
		"our label was removed":                  {wantedDeployment, []patch{by("kubectl-label", `{"metadata":{"labels":{"app":null}}}`)}, []string{"metadata.labels.app"}},
		"it was scaled":                          {wantedDeployment, []patch{by("kubectl-scale", `{"spec":{"replicas":5}}`)}, []string{"spec.replicas"}},
		"it was scaled and scaled back": {wantedDeployment, []patch{
			by("kubectl-scale", `{"spec":{"replicas":5}}`), by("kubectl-scale", `{"spec":{"replicas":2}}`),
		}, nil},
		"its image was set":                       {wantedDeployment, []patch{by("kubectl-set", `{"spec":{"template":{"spec":{"containers":[{"name":"main","image":"web:2"}]}}}}`)}, []string{"spec.template.spec.containers[main].image"}},
		"a sidecar was put beside it":             {wantedDeployment, []patch{by("mesh", `{"spec":{"template":{"spec":{"containers":[{"name":"proxy","image":"proxy"}]}}}}`)}, nil},
		"a variable was added":                    {wantedDeployment, []patch{by("mesh", `{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"C","value":"c"}]}]}}}}`)}, nil},
		"our variable was changed":                {wantedDeployment, []patch{by("kubectl-set", `{"spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"A","value":"z"}]}]}}}}`)}, []string{"spec.template.spec.containers[main].env[A].value"}},
		"an argument was added":                   {wantedDeployment, []patch{by("kubectl-edit", `{"spec":{"template":{"spec":{"containers":[{"name":"main","args":["--fast","--mad"]}]}}}}`)}, []string{"spec.template.spec.containers[main].args"}},
		"a key was added to the node selector":    {wantedDeployment, []patch{by("kubectl-patch", `{"spec":{"template":{"spec":{"nodeSelector":{"zone":"b"}}}}}`)}, []string{"spec.template.spec.nodeSelector"}},
		"a toleration was added":                  {wantedDeployment, []patch{by("kubectl-patch", `{"spec":{"template":{"spec":{"tolerations":[{"key":"b","operator":"Exists"}]}}}}`)}, []string{"spec.template.spec.tolerations"}},
		"what is requested was changed":           {wantedDeployment, []patch{by("vpa", `{"spec":{"template":{"spec":{"containers":[{"name":"main","resources":{"requests":{"cpu":"1"}}}]}}}}`)}, []string{"spec.template.spec.containers[main].resources.requests.cpu"}},
		"what we did not declare was changed":     {wantedDeployment, []patch{by("kubectl-edit", `{"spec":{"minReadySeconds":5}}`)}, nil},
		"a key was added to a Service's selector": {wantedService, []patch{by("kubectl-patch", `{"spec":{"selector":{"never":"true"}}}`)}, []string{"spec.selector"}},
		"a Service's selector is another":         {wantedService, []patch{by("kubectl-patch", `{"spec":{"selector":{"app":"other"}}}`)}, []string{"spec.selector.app"}},
		"a port was added to a Service":           {wantedService, []patch{by("kubectl-edit", `{"spec":{"ports":[{"port":81,"protocol":"TCP"}]}}`)}, nil},
		"a port of a Service leads elsewhere":     {wantedService, []patch{by("kubectl-edit", `{"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":9}]}}`)}, []string{"spec.ports[80].targetPort"}},
		"several things were changed": {wantedDeployment, []patch{
			by("a", `{"metadata":{"labels":{"app":"z"}}}`), by("b", `{"spec":{"replicas":9}}`),
			by("c", `{"spec":{"template":{"metadata":{"labels":{"app":"z"}}}}}`), by("d", `{"spec":{"template":{"spec":{"nodeSelector":{"disk":"x"}}}}}`),
		}, []string{"metadata.labels.app", "spec.replicas", "spec.template.metadata.labels.app"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			require.Equal(t, test.want, newServer(t, test.wish, types.ApplyPatchType).drift(test.wish, test.patches))
			// The record of a create names parts of it less exactly.
			require.Equal(t, len(test.want) > 0, len(newServer(t, test.wish, "").drift(test.wish, test.patches)) > 0)
		})
	}
}

func TestTheManagerThatTookAFieldIsNamed(t *testing.T) {
	server := newServer(t, wantedDeployment, types.ApplyPatchType)
	server.patch(types.StrategicMergePatchType, "kubectl-scale", `{"spec":{"replicas":5}}`)
	server.patch(types.StrategicMergePatchType, "kubectl-label", `{"metadata":{"labels":{"team":"a"}}}`)
	records := server.live().GetManagedFields()
	require.Equal(t, []string{"kubectl-scale"}, managedfields.Writers(records, "us", []managedfields.Path{{"spec", "replicas"}}))
	require.Empty(t, managedfields.Writers(records, "us", []managedfields.Path{{"spec", "paused"}}))
	require.ElementsMatch(t, []string{"kubectl-scale", "kubectl-label"}, managedfields.Others(records, "us"))
}

func TestAClaimWithoutOwnersIsTheSameForAllOfOneShape(t *testing.T) {
	without := func(uid string) string {
		return managedfields.WithoutOwners(metav1.NewFieldsV1(`{"f:data":{"f:a":{}},"f:metadata":{"f:labels":{"f:b":{}},"f:ownerReferences":{"k:{\"uid\":\"` + uid + `\"}":{}}}}`)).GetRawString()
	}
	require.Equal(t, `{"f:data":{"f:a":{}},"f:metadata":{"f:labels":{"f:b":{}}}}`, without("one"))
	require.Equal(t, without("one"), without("two"))
}

func TestAnOwnerIsComparedByItsReference(t *testing.T) {
	want := map[string]any{"metadata": map[string]any{"ownerReferences": []any{map[string]any{"uid": "u", "kind": "Slice"}}}}
	claim := metav1.NewFieldsV1(`{}`)
	lost, _ := managedfields.Drift(claim, metav1.ManagedFieldsOperationApply, want, map[string]any{"metadata": map[string]any{"ownerReferences": []any{
		map[string]any{"uid": "other"}, map[string]any{"uid": "u", "kind": "Slice"},
	}}})
	require.Empty(t, lost)
	lost, _ = managedfields.Drift(claim, metav1.ManagedFieldsOperationApply, want, map[string]any{"metadata": map[string]any{"ownerReferences": []any{map[string]any{"uid": "other"}}}})
	require.Equal(t, []managedfields.Path{{"metadata", "ownerReferences"}}, lost)
}

func TestWithoutAClaimNothingIsKnown(t *testing.T) {
	for _, claim := range []*metav1.FieldsV1{nil, metav1.NewFieldsV1("[")} {
		_, ok := managedfields.Drift(claim, metav1.ManagedFieldsOperationApply, map[string]any{"data": "a"}, nil)
		require.False(t, ok)
	}
}

// server is a client of the fake API server, which has one object.
type server struct {
	testing.TB
	client *fake.Clientset
	kind   string
}

// newServer has an object that we have applied or, without a kind of patch, created.
func newServer(t testing.TB, wish string, how types.PatchType) *server {
	t.Helper()
	var o unstructured.Unstructured
	require.NoError(t, yaml.Unmarshal([]byte(wish), &o.Object))
	s := &server{t, fake.NewClientset(), o.GetKind()}
	data, err := json.Marshal(o.Object)
	require.NoError(t, err)
	switch {
	case how != "":
		s.patch(how, "us", string(data))
	case s.kind == "Service":
		var made corev1.Service
		require.NoError(t, json.Unmarshal(data, &made))
		_, err = s.client.CoreV1().Services("shop").Create(t.Context(), &made, metav1.CreateOptions{FieldManager: "us"})
	default:
		var made appsv1.Deployment
		require.NoError(t, json.Unmarshal(data, &made))
		_, err = s.client.AppsV1().Deployments("shop").Create(t.Context(), &made, metav1.CreateOptions{FieldManager: "us"})
	}
	require.NoError(t, err)
	return s
}

// drift is what is found after others have patched the object.
func (s *server) drift(wish string, patches []patch) []string {
	s.Helper()
	for _, p := range patches {
		s.patch(types.StrategicMergePatchType, p.manager, p.text)
	}
	live := s.live()
	var want map[string]any
	require.NoError(s, yaml.Unmarshal([]byte(wish), &want))
	var own metav1.ManagedFieldsEntry
	for _, r := range live.GetManagedFields() {
		if r.Manager == "us" {
			own = r
		}
	}
	lost, ok := managedfields.Drift(own.FieldsV1, own.Operation, want, live.Object)
	require.True(s, ok)
	var named []string
	for _, path := range lost {
		named = append(named, path.String())
	}
	return named
}

func (s *server) patch(kind types.PatchType, manager, text string) {
	s.Helper()
	var err error
	options := metav1.PatchOptions{FieldManager: manager}
	if s.kind == "Service" {
		_, err = s.client.CoreV1().Services("shop").Patch(s.Context(), "web", kind, []byte(text), options)
	} else {
		_, err = s.client.AppsV1().Deployments("shop").Patch(s.Context(), "web", kind, []byte(text), options)
	}
	require.NoError(s, err)
}

func (s *server) live() *unstructured.Unstructured {
	s.Helper()
	var live any
	var err error
	if s.kind == "Service" {
		live, err = s.client.CoreV1().Services("shop").Get(s.Context(), "web", metav1.GetOptions{})
	} else {
		live, err = s.client.AppsV1().Deployments("shop").Get(s.Context(), "web", metav1.GetOptions{})
	}
	require.NoError(s, err)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
	require.NoError(s, err)
	return &unstructured.Unstructured{Object: content}
}
