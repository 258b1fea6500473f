package manifest

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
)

func TestOutcome(t *testing.T) {
	config, job := ID{Kind: "ConfigMap", Namespace: place, Name: "a"}, ID{Group: batch, Kind: "Job", Namespace: place, Name: "b"}
	current := Result{ID: config, Health: xosv1.HealthCurrent}
	underway := Result{ID: job, Health: xosv1.HealthInProgress, Message: "0 of 1"}
	failed := Result{ID: job, Health: xosv1.HealthFailed, Message: "gave up"}
	refused := Result{ID: job, Err: apierrors.NewForbidden(schema.GroupResource{Resource: "jobs"}, "b", errors.New("no"))}
	for name, test := range map[string]struct {
		results       []Result
		dontWait      bool
		unwatched     []string
		state         outcome.State
		reason, words string
	}{
		"all is well":               {[]Result{current, current}, false, nil, outcome.Ready, xosv1.ReasonSucceeded, "2 resources are as declared"},
		"one is well":               {[]Result{current}, false, nil, outcome.Ready, xosv1.ReasonSucceeded, "the resource is as declared"},
		"one is on its way":         {[]Result{current, underway}, false, nil, outcome.Progressing, xosv1.ReasonProgressing, "Job shop/b: 0 of 1"},
		"one failed":                {[]Result{underway, failed}, false, nil, outcome.Stalled, xosv1.ReasonFailed, "Job shop/b: gave up"},
		"nobody waits":              {[]Result{current, failed}, true, nil, outcome.Ready, xosv1.ReasonSucceeded, "2 resources"},
		"one was refused":           {[]Result{current, refused}, false, nil, outcome.Blocked, xosv1.ReasonForbidden, "the other one went well"},
		"one is being pruned":       {[]Result{current, {ID: job, Pruned: true}}, false, nil, outcome.Progressing, xosv1.ReasonProgressing, "being deleted"},
		"one is kept, and may fail": {[]Result{current, {ID: job, Kept: true, Health: xosv1.HealthFailed}}, false, nil, outcome.Ready, xosv1.ReasonSucceeded, "the resource is as declared"},
		"one can't be watched":      {[]Result{current}, false, []string{"Job"}, outcome.Ready, xosv1.ReasonSucceeded, "may not watch Job"},
	} {
		t.Run(name, func(t *testing.T) {
			o := Outcome(test.results, !test.dontWait, test.unwatched)
			assert.Equal(t, test.state, o.State)
			assert.Equal(t, test.reason, o.Reason)
			assert.Contains(t, o.Message, test.words)
		})
	}
}

func TestAnEntrysMessageFitsTheSchema(t *testing.T) {
	r := Result{Err: errors.New(strings.Repeat("ü", 2*maxMessage))}
	assert.Len(t, []rune(r.Entry().Message), maxMessage)
}

func TestAnEndTellsWhatIsLeftAndWhatHoldsIt(t *testing.T) {
	left := []Result{
		{ID: ID{Kind: "ConfigMap", Namespace: "a", Name: "held"}, Health: xosv1.HealthTerminating, Message: "held by the finalizer example.org/x"},
		{ID: ID{Kind: "ConfigMap", Namespace: "a", Name: "ending"}, Health: xosv1.HealthTerminating},
		{ID: ID{Kind: "ConfigMap", Namespace: "a", Name: "waiting"}, Health: xosv1.HealthInProgress, Message: "not yet"},
	}
	o := Finalizing(left, nil)
	assert.Equal(t, xosv1.ReasonTerminating, o.Reason)
	assert.Equal(t, "3 resources are still there: ConfigMap a/held, held by the finalizer example.org/x; ConfigMap a/ending; ConfigMap a/waiting", o.Message)
	left[0].Pruned = true
	assert.Equal(t, "ConfigMap a/held, held by the finalizer example.org/x: being deleted, declared no longer", Outcome(left[:1], true, nil).Message)
}
