package checks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

var now = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)

// installed are the definitions of crds/, established.
func installed(t *testing.T) []apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob("../../../crds/*.yaml")
	require.NoError(t, err)
	var found []apiextensionsv1.CustomResourceDefinition
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var d apiextensionsv1.CustomResourceDefinition
		require.NoError(t, yaml.Unmarshal(text, &d))
		d.Status.Conditions = []apiextensionsv1.CustomResourceDefinitionCondition{{Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue}}
		found = append(found, d)
	}
	return found
}

// fenceAsDeployed is the policy of deploy/fence.yaml, and its binding.
func fenceAsDeployed(t *testing.T) (*admissionv1.ValidatingAdmissionPolicy, []admissionv1.ValidatingAdmissionPolicyBinding) {
	t.Helper()
	text, err := os.ReadFile("../../../deploy/fence.yaml")
	require.NoError(t, err)
	first, second, found := strings.Cut(string(text), "\n---\n")
	require.True(t, found)
	policy, binding := &admissionv1.ValidatingAdmissionPolicy{}, admissionv1.ValidatingAdmissionPolicyBinding{}
	require.NoError(t, yaml.Unmarshal([]byte(first), policy))
	require.NoError(t, yaml.Unmarshal([]byte(second), &binding))
	return policy, []admissionv1.ValidatingAdmissionPolicyBinding{binding}
}

func reported(o status.Operation) *xosv1.KubernetesService {
	s := &xosv1.KubernetesService{}
	s.Status.Version = "v1.36.3"
	s.Status.Conditions = []metav1.Condition{{Type: xosv1.ConditionReady, Status: "True", Reason: xosv1.ReasonSucceeded, Message: status.KubernetesService(s, o).Message}}
	return s
}

// healthy are the facts of an installation in which nothing is wrong.
func healthy(t *testing.T) *Facts {
	t.Helper()
	f := &Facts{Now: now, ManagerNamespace: "xos-system", Renewed: true, Objects: &snapshot.Snapshot{}}
	f.ServerVersion.Value = "v1.36.3"
	for _, k := range snapshot.Kinds {
		f.Served.Value = append(f.Served.Value, k.Name)
	}
	f.Definitions.Value = installed(t)
	f.Lease.Value = &coordinationv1.Lease{Spec: coordinationv1.LeaseSpec{HolderIdentity: ptr.To("xos-controller-manager-0"), RenewTime: &metav1.MicroTime{Time: now}}}
	f.Deployment.Value = &appsv1.Deployment{
		Spec: appsv1.DeploymentSpec{Replicas: ptr.To[int32](2), Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
			ServiceAccountName: "xos-controller-manager", Containers: []corev1.Container{{Name: "manager", Image: "example.org/xos:1"}},
		}}},
		Status: appsv1.DeploymentStatus{Replicas: 2, ReadyReplicas: 2, UpdatedReplicas: 2},
	}
	f.Fence.Value, f.Bindings.Value = fenceAsDeployed(t)
	f.Cluster.Value = reported(status.Operation{Destination: "topic t at kafka:9092"})
	for _, resource := range Wanted("") {
		f.Access.Value = append(f.Access.Value, Access{"list", resource, true})
	}
	f.Kafka = &Fact[string]{Value: "topic xos.inventory.v1 is there, with 3 partitions, and you may read it"}
	return f
}

func text(results []Result) string { return strings.Join(Lines(results, false), "\n") + "\n" }

func TestAHealthyInstallationIsOK(t *testing.T) {
	results := Run(*healthy(t))
	assert.Equal(t, OK, Worst(results))
	golden.Compare(t, "testdata/healthy.golden.txt", []byte(text(results)))
}

func TestAUserWithoutRightsIsToldWhatIsNotKnown(t *testing.T) {
	f := healthy(t)
	const forbidden = "it is forbidden \x1b[31m"
	f.Definitions.Unread, f.Lease.Unread, f.Deployment.Unread, f.Fence.Unread, f.Cluster.Unread = forbidden, forbidden, forbidden, forbidden, forbidden
	f.Renewed, f.Namespace, f.Kafka = false, "acme", nil
	f.Access.Value = []Access{{"list", "pods", true}, {"list", "slices.xos.opencord.org", false}}
	f.Objects.Unread = []snapshot.Unread{{Resource: "slices.xos.opencord.org", Why: snapshot.Forbidden}}
	results := Run(*f)
	assert.Equal(t, Warning, Worst(results))
	golden.Compare(t, "testdata/tenant.golden.txt", []byte(text(results)))
}

func TestAnEmptyClusterIsToldHowToInstall(t *testing.T) {
	f := &Facts{Now: now, ManagerNamespace: "xos-system", Objects: &snapshot.Snapshot{}}
	f.ServerVersion.Value = "v1.34.9+vendor"
	f.Lease.Missing, f.Deployment.Missing, f.Fence.Missing, f.Cluster.Missing = true, true, true, true
	f.Kafka = &Fact[string]{Unread: "read topic t of Kafka at a:1: see that the brokers are up"}
	results := Run(*f)
	assert.Equal(t, Problem, Worst(results))
	golden.Compare(t, "testdata/empty.golden.txt", []byte(text(results)))
	golden.Compare(t, "testdata/empty-coloured.golden.txt", []byte(strings.Join(Lines(results, true), "\n")+"\n"))
}

// TestEachDefectIsFound breaks one thing of an installation at a time.
func TestEachDefectIsFound(t *testing.T) {
	old := metav1.NewTime(now.Add(-time.Hour))
	for want, breaks := range map[string]func(f *Facts){
		"warning: version of Kubernetes: 1.38.0 is newer":                             func(f *Facts) { f.ServerVersion.Value = "v1.38.0-alpha.1" },
		`warning: version of Kubernetes: the API server's version "x"`:                func(f *Facts) { f.ServerVersion.Value = "x" },
		"problem: definitions: these kinds are not served: KubernetesService":         func(f *Facts) { f.Served.Value = f.Served.Value[1:] },
		"problem: definitions: the cluster does not serve xos.opencord.org/v1":        func(f *Facts) { f.Served.Value = nil },
		"warning: definitions: these definitions have another schema":                 func(f *Facts) { f.Definitions.Value[0].Spec.Versions[0].Schema.OpenAPIV3Schema.Description = "other" },
		"problem: definitions: these definitions are not established, or are being":   func(f *Facts) { f.Definitions.Value[0].DeletionTimestamp = &old },
		"problem: manager leads: no manager leads: nobody holds Lease xos-system/xos": func(f *Facts) { f.Lease.Value.Spec.HolderIdentity = ptr.To("") },
		"problem: manager leads: no manager leads: xos-controller-manager-0 holds":    func(f *Facts) { f.Renewed = false },
		"problem: manager runs: none of 2 pods":                                       func(f *Facts) { f.Deployment.Value.Status.ReadyReplicas = 0 },
		"problem: manager runs: Deployment xos-system/xos-controller-manager is":      func(f *Facts) { f.Deployment.Value.Spec.Replicas = ptr.To[int32](0) },
		"warning: manager runs: 1 of 2 pods of Deployment":                            func(f *Facts) { f.Deployment.Value.Status.ReadyReplicas = 1 },
		"warning: manager runs: there is no Deployment":                               func(f *Facts) { f.Deployment = Fact[*appsv1.Deployment]{Missing: true} },
		"warning: manager runs: the manager is of version 0.1.0, and this plugin of v0.2.0": func(f *Facts) {
			f.Deployment.Value.Labels, f.Plugin = map[string]string{"app.kubernetes.io/version": "0.1.0"}, "v0.2.0"
		},
		"problem: fence: the fence has no effect": func(f *Facts) {
			f.Bindings.Value[0].Spec.ValidationActions = []admissionv1.ValidationAction{admissionv1.Audit}
		},
		"warning: fence: the manager is not fenced":                             func(f *Facts) { f.Fence = Fact[*admissionv1.ValidatingAdmissionPolicy]{Missing: true} },
		"problem: fence: the fence is not around the manager, which is system:": func(f *Facts) { f.Deployment.Value.Spec.Template.Spec.ServiceAccountName = "other" },
		"problem: events: Kubernetes v1.36.3; events wait": func(f *Facts) {
			f.Cluster.Value = reported(status.Operation{Destination: "topic t at kafka:9092", Unpublished: "it is away"})
		},
		"warning: events: Kubernetes v1.36.3; events go to topic t, but set it": func(f *Facts) {
			f.Cluster.Value = reported(status.Operation{Destination: "topic t", Advice: "set it to compact"})
		},
		"warning: events: Kubernetes v1.36.3; events go to topic t; the ends of 3 pods": func(f *Facts) { f.Cluster.Value = reported(status.Operation{Destination: "topic t", GivenUp: 3}) },
		"warning: events: Kubernetes v1.36.3; events go to topic t; the inventory":      func(f *Facts) { f.Cluster.Value = reported(status.Operation{Destination: "topic t", Unlisted: "no"}) },
		"problem: events: no manager has reported":                                      func(f *Facts) { f.Cluster.Value = &xosv1.KubernetesService{} },
		"warning: your rights: what you may not do in all namespaces, commands leave":   func(f *Facts) { f.Access.Value[0].Allowed = false },
		"problem: Kafka: connect": func(f *Facts) { f.Kafka = &Fact[string]{Unread: "connect"} },
		"problem: deletions: deletions that take longer than 10 minutes: TrustDomain td, held by the finalizer f": func(f *Facts) {
			td := &xosv1.TrustDomain{TypeMeta: metav1.TypeMeta{Kind: "TrustDomain"}}
			td.Name, td.DeletionTimestamp, td.Finalizers = "td", &old, []string{"f"}
			f.Objects.Objects = []snapshot.Object{td}
		},
	} {
		f := healthy(t)
		breaks(f)
		var found []string
		for _, r := range Run(*f) {
			if r.Level != OK {
				found = append(found, fmt.Sprintf("%s: %s: %s", r.Level, r.Check, r.Message))
			}
		}
		if assert.Len(t, found, 1, want) {
			assert.True(t, strings.HasPrefix(found[0], want), "%s\n%s", want, found[0])
		}
	}
}

func TestNoKafkaAndNoInventoryAreNoDefects(t *testing.T) {
	f := healthy(t)
	f.Cluster.Value = reported(status.Operation{})
	f.Cluster.Value.Spec.Pull.Enabled = ptr.To(false)
	results := Run(*f)
	assert.Equal(t, OK, Worst(results))
	assert.Contains(t, text(results), "events do not go to Kafka: the controllers were started without --kafka-brokers; spec.pull.enabled is false")
}

func TestANamespaceHasNoClusterScopedObjects(t *testing.T) {
	assert.Len(t, Wanted(""), len(snapshot.Kinds), "pods, but no KubernetesSecrets")
	assert.Contains(t, Wanted("acme"), "pods")
	assert.NotContains(t, Wanted("acme"), "sites.xos.opencord.org")
}

func TestADeletionHasItsTime(t *testing.T) {
	f := healthy(t)
	recent := metav1.NewTime(now.Add(-10 * time.Minute))
	td := &xosv1.TrustDomain{}
	td.DeletionTimestamp = &recent
	f.Objects.Objects = []snapshot.Object{td}
	assert.Equal(t, OK, Worst(Run(*f)))
}

// TestTheFingerprintsAreThoseOfTheDefinitions compares schemas.json with crds/.
func TestTheFingerprintsAreThoseOfTheDefinitions(t *testing.T) {
	found := map[string]string{}
	for _, d := range installed(t) {
		sum, err := fingerprint(&d)
		require.NoError(t, err)
		require.NotEmpty(t, sum)
		found[d.Name] = sum
	}
	text, err := json.MarshalIndent(found, "", "  ")
	require.NoError(t, err)
	golden.Compare(t, "schemas.json", append(text, '\n'))
}

func TestTheSupportedVersionsAreThoseOfTheClientLibraries(t *testing.T) {
	text, err := os.ReadFile("../../../go.mod")
	require.NoError(t, err)
	minor := regexp.MustCompile(`k8s\.io/client-go v0\.(\d+)\.`).FindStringSubmatch(string(text))
	require.NotNil(t, minor)
	assert.Equal(t, fmt.Sprint(clientMinor), minor[1], "set clientMinor")
}

// TestWhatToReadExists looks for the sections that results point to.
func TestWhatToReadExists(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`(docs/[a-z-]+\.md)(?:#([a-z-]+))?`).FindAllStringSubmatch(string(source), -1) {
			page, err := os.ReadFile("../../../" + link[1])
			require.NoError(t, err, file)
			heading := strings.NewReplacer(" ", "-", "'", "", "`", "")
			anchors := strings.Split(heading.Replace(strings.ToLower(string(page))), "\n")
			if link[2] != "" {
				assert.Contains(t, strings.Join(anchors, "\n"), "#-"+link[2]+"\n", "%s: %s", file, link[0])
			}
		}
	}
}
