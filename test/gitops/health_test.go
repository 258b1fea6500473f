package gitops

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kstatus "sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// health is what Argo CD shows of an object.
type health struct{ Status, Message string }

// judge has Argo CD judge objects, with the configuration that we give people.
func judge(t *testing.T, objects []*unstructured.Unstructured) []health {
	t.Helper()
	input, err := json.Marshal(objects)
	require.NoError(t, err)
	var found []health
	runArgo(t, input, &found, "health", filepath.Join(root, argoConfig))
	require.Len(t, found, len(objects))
	return found
}

// inArgo is how Argo CD shows what others read by kstatus.
var inArgo = map[kstatus.Status]string{
	kstatus.CurrentStatus:     "Healthy",
	kstatus.InProgressStatus:  "Progressing",
	kstatus.FailedStatus:      "Degraded",
	kstatus.TerminatingStatus: "Progressing",
}

// changes are made to an object after its last pass.
var changes = map[string]func(metav1.Object){
	"unchanged": func(metav1.Object) {},
	"changed":   func(o metav1.Object) { o.SetGeneration(o.GetGeneration() + 1) },
	"deleted": func(o metav1.Object) {
		o.SetDeletionTimestamp(&metav1.Time{Time: time.Unix(1, 0)})
		o.SetGeneration(o.GetGeneration() + 1)
	},
}

// TestArgoReadsEachStatusAsKstatusDoes compares the two over each sequence of two results
// of a pass, for each kind.
func TestArgoReadsEachStatusAsKstatusDoes(t *testing.T) {
	t.Parallel()
	states := map[string]outcome.State{
		"ready": outcome.Ready, "progressing": outcome.Progressing, "waiting": outcome.Waiting, "retrying": outcome.Retrying,
		"stalled": outcome.Stalled, "blocked": outcome.Blocked, "suspended": outcome.Suspended,
	}
	histories := map[string][]outcome.State{"not reconciled": nil}
	for name, first := range states {
		histories[name] = []outcome.State{first}
		for next, second := range states {
			histories[name+", "+next] = []outcome.State{first, second}
		}
	}
	var names []string
	var objects []*unstructured.Unstructured
	for _, kind := range ourKinds(t) {
		for passed, history := range histories {
			for name, change := range changes {
				objects = append(objects, after(t, kind, history, change))
				names = append(names, fmt.Sprintf("%s: %s, %s", kind, passed, name))
			}
		}
	}
	seen := map[kstatus.Status]int{}
	for i, found := range judge(t, objects) {
		want, err := kstatus.Compute(objects[i])
		require.NoError(t, err)
		seen[want.Status]++
		assert.Equal(t, inArgo[want.Status], found.Status, "%s: %s", names[i], found.Message)
		assert.NotEmpty(t, found.Message, names[i])
	}
	for status := range inArgo {
		assert.NotZero(t, seen[status], "nothing is %s", status)
	}
}

// TestArgoShowsOurMessages has people find the way out in Argo CD too.
func TestArgoShowsOurMessages(t *testing.T) {
	t.Parallel()
	var objects []*unstructured.Unstructured
	for _, state := range []outcome.State{outcome.Ready, outcome.Progressing, outcome.Stalled, outcome.Blocked} {
		objects = append(objects, after(t, "Slice", []outcome.State{state}, changes["unchanged"]))
	}
	for _, found := range judge(t, objects) {
		assert.Equal(t, message, found.Message, found.Status)
	}
}

// TestArgoHasNoOpinionOfItsOwn shows why the configuration is needed: an object counts as
// healthy where Argo CD finds no health of it.
func TestArgoHasNoOpinionOfItsOwn(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "argocd-cm.yaml")
	require.NoError(t, os.WriteFile(empty, []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: argocd-cm}}"), 0o600))
	input, err := json.Marshal([]*unstructured.Unstructured{after(t, "TrustDomain", nil, changes["unchanged"])})
	require.NoError(t, err)
	var found []*health
	runArgo(t, input, &found, "health", empty)
	assert.Equal(t, []*health{nil}, found)
}

const message = "Deployment acme/web: what is to be done"

// after is an object of a kind after the passes that came to these results.
func after(t *testing.T, kind string, passes []outcome.State, change func(metav1.Object)) *unstructured.Unstructured {
	t.Helper()
	object, err := scheme.Scheme.New(xosv1.SchemeGroupVersion.WithKind(kind))
	require.NoError(t, err)
	ours := object.(xosv1.Object)
	ours.SetGeneration(1)
	ours.GetObjectStatus().ObservedGeneration = -1 // as the schema defaults it
	for _, state := range passes {
		result := outcome.Outcome{State: state, Reason: "Because", Message: message}
		status.SetConditions(ours.GetObjectStatus(), result, ours.GetGeneration(), metav1.NewTime(time.Unix(1, 0)))
	}
	change(ours)
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(ours)
	require.NoError(t, err)
	u := &unstructured.Unstructured{Object: content}
	u.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind(kind))
	return u
}

func ourKinds(t *testing.T) []string {
	t.Helper()
	var kinds []string
	for kind := range scheme.Scheme.KnownTypes(xosv1.SchemeGroupVersion) {
		object, err := scheme.Scheme.New(xosv1.SchemeGroupVersion.WithKind(kind))
		require.NoError(t, err)
		if _, ours := object.(xosv1.Object); ours {
			kinds = append(kinds, kind)
		}
	}
	require.NotEmpty(t, kinds)
	return kinds
}
