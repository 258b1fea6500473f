package status_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	flux "github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	sig "sigs.k8s.io/cli-utils/pkg/kstatus/status"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

// A tool's reading is of the conditions that are there, whatever was found before:
// each row is the outcomes of an object's passes, one after the other, and what tools
// make of the last.
var readings = []struct {
	name   string
	passes []outcome.State
	// change is made to the object after its last pass, where there is one.
	change func(metav1.Object)
	// documented is the row of the page by which users know it: Ready, and what is
	// there beside it.
	documented string
	want       string
}{
	{name: "it has not been reconciled", documented: "any | `observedGeneration` is not `metadata.generation`", want: "InProgress"},
	{name: "ready", passes: []outcome.State{outcome.Ready}, documented: "`True` |", want: "Current"},
	{name: "progressing", passes: []outcome.State{outcome.Progressing}, documented: "`False` | `Reconciling`", want: "InProgress"},
	{name: "waiting", passes: []outcome.State{outcome.Waiting}, documented: "`False` | `Reconciling`", want: "InProgress"},
	{name: "retrying", passes: []outcome.State{outcome.Retrying}, documented: "`False` | `Reconciling`", want: "InProgress"},
	{name: "stalled", passes: []outcome.State{outcome.Stalled}, documented: "`False` | `Stalled`", want: "Failed"},
	{name: "blocked", passes: []outcome.State{outcome.Blocked}, documented: "`False` | `Stalled`", want: "Failed"},
	{name: "suspended from the first", passes: []outcome.State{outcome.Suspended}, documented: "absent | `Suspended`", want: "Current"},
	{name: "suspended on its way", passes: []outcome.State{outcome.Progressing, outcome.Suspended}, documented: "absent | `Suspended`", want: "Current"},
	{name: "suspended while it waits", passes: []outcome.State{outcome.Waiting, outcome.Suspended}, documented: "absent | `Suspended`", want: "Current"},
	{name: "suspended between tries", passes: []outcome.State{outcome.Retrying, outcome.Suspended}, documented: "absent | `Suspended`", want: "Current"},
	{name: "suspended once it was ready", passes: []outcome.State{outcome.Ready, outcome.Suspended}, documented: "`True` |", want: "Current"},
	{name: "suspended after a failure", passes: []outcome.State{outcome.Stalled, outcome.Suspended}, documented: "`False` | `Stalled`", want: "Failed"},
	{name: "suspended after tries in vain", passes: []outcome.State{outcome.Blocked, outcome.Suspended}, documented: "`False` | `Stalled`", want: "Failed"},
	{name: "resumed", passes: []outcome.State{outcome.Ready, outcome.Suspended, outcome.Progressing}, documented: "`False` | `Reconciling`", want: "InProgress"},
	{name: "suspended, and changed since", passes: []outcome.State{outcome.Ready, outcome.Suspended}, change: edited, documented: "any | `observedGeneration` is not `metadata.generation`", want: "InProgress"},
	{name: "suspended, and deleted since", passes: []outcome.State{outcome.Progressing, outcome.Suspended}, change: deleted, documented: "any | `deletionTimestamp`", want: "Terminating"},
	{name: "ready after a failure", passes: []outcome.State{outcome.Stalled, outcome.Ready}, documented: "`True` |", want: "Current"},
	{name: "ready after tries", passes: []outcome.State{outcome.Retrying, outcome.Ready}, documented: "`True` |", want: "Current"},
	{name: "failed after it was ready", passes: []outcome.State{outcome.Ready, outcome.Stalled}, documented: "`False` | `Stalled`", want: "Failed"},
	{name: "failed after tries", passes: []outcome.State{outcome.Retrying, outcome.Blocked}, documented: "`False` | `Stalled`", want: "Failed"},
	{name: "on its way after a failure", passes: []outcome.State{outcome.Blocked, outcome.Progressing}, documented: "`False` | `Reconciling`", want: "InProgress"},
	{name: "ready, and changed since", passes: []outcome.State{outcome.Ready}, change: edited, documented: "any | `observedGeneration` is not `metadata.generation`", want: "InProgress"},
	{name: "stalled, and changed since", passes: []outcome.State{outcome.Stalled}, change: edited, documented: "any | `observedGeneration` is not `metadata.generation`", want: "InProgress"},
	{name: "ready, and deleted since", passes: []outcome.State{outcome.Ready}, change: deleted, documented: "any | `deletionTimestamp`", want: "Terminating"},
	{name: "stalled, and deleted since", passes: []outcome.State{outcome.Stalled}, change: deleted, documented: "any | `deletionTimestamp`", want: "Terminating"},
	{name: "being deleted", passes: []outcome.State{outcome.Ready, outcome.Progressing}, change: deleted, documented: "any | `deletionTimestamp`", want: "Terminating"},
	{name: "can't be deleted", passes: []outcome.State{outcome.Blocked}, change: deleted, documented: "any | `deletionTimestamp`", want: "Terminating"},
	{name: "deleted and changed", passes: []outcome.State{outcome.Ready}, change: func(o metav1.Object) { edited(o); deleted(o) }, documented: "any | `deletionTimestamp`", want: "Terminating"},
}

// edited and deleted are as the API server does it.
func edited(o metav1.Object)  { o.SetGeneration(o.GetGeneration() + 1) }
func deleted(o metav1.Object) { o.SetDeletionTimestamp(&later); edited(o) }

// TestToolsReadEachStatusAsDocumented asks the libraries by which Flux, Helm and kpt
// wait, of each kind: they have rules of their own for kinds that they know by name.
func TestToolsReadEachStatusAsDocumented(t *testing.T) {
	page := documentedReadings(t)
	for kind, object := range ourKinds(t) {
		for _, test := range readings {
			t.Run(kind+" "+test.name, func(t *testing.T) {
				object := object.DeepCopyObject().(xosv1.Object)
				object.SetGeneration(1)
				object.GetObjectStatus().ObservedGeneration = -1 // as the schema defaults it
				for _, state := range test.passes {
					status.SetConditions(object.GetObjectStatus(), reaching(state), object.GetGeneration(), noon)
				}
				if test.change != nil {
					test.change(object)
				}
				u := asRead(t, kind, object)
				bySIG, err := sig.Compute(u)
				require.NoError(t, err)
				byFlux, err := flux.Compute(u)
				require.NoError(t, err)
				assert.Equal(t, test.want, string(bySIG.Status), "sigs.k8s.io/cli-utils: %s", bySIG.Message)
				assert.Equal(t, test.want, string(byFlux.Status), "github.com/fluxcd/cli-utils: %s", byFlux.Message)
				documented, ok := page[test.documented]
				require.True(t, ok, "docs/kinds.md has no row %q", test.documented)
				assert.Equal(t, test.want, documented, "docs/kinds.md, row %q", test.documented)
			})
		}
	}
}

// The page promises nothing that is not tested.
func TestEachReadingOnThePageIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, test := range readings {
		tested[test.documented] = true
	}
	for row := range documentedReadings(t) {
		assert.True(t, tested[row], "row %q", row)
	}
}

func ourKinds(t *testing.T) map[string]xosv1.Object {
	t.Helper()
	kinds := map[string]xosv1.Object{}
	for kind := range scheme.Scheme.KnownTypes(xosv1.SchemeGroupVersion) {
		object, err := scheme.Scheme.New(xosv1.SchemeGroupVersion.WithKind(kind))
		require.NoError(t, err)
		if ours, ok := object.(xosv1.Object); ok {
			kinds[kind] = ours
		}
	}
	require.Len(t, kinds, 15)
	return kinds
}

// asRead is an object as a client without our types has it.
func asRead(t *testing.T, kind string, object runtime.Object) *unstructured.Unstructured {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	require.NoError(t, err)
	u := &unstructured.Unstructured{Object: content}
	u.SetGroupVersionKind(xosv1.SchemeGroupVersion.WithKind(kind))
	return u
}

var readingRow = regexp.MustCompile("(?m)^\\| (`True`|`False`|absent|any) \\| ([^|]*)\\| `(\\w+)` \\|")

// documentedReadings are what docs/kinds.md says of what tools make of the conditions.
func documentedReadings(t *testing.T) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../../docs/kinds.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(content), "**Waiting.**")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n**")
	rows := map[string]string{}
	for _, row := range readingRow.FindAllStringSubmatch(section, -1) {
		rows[strings.TrimSpace(row[1]+" | "+row[2])] = row[3]
	}
	require.NotEmpty(t, rows)
	return rows
}
