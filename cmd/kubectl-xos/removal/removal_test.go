package removal

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/checks"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot/snapshottest"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

func TestWhatWouldNotEndIsNamed(t *testing.T) {
	results := Judge(Facts{
		Objects: snapshottest.Read(t, "testdata/broken.yaml"), Pending: checks.Fact[int]{Value: 2}, ManagerNamespace: "xos-system",
	})
	assert.Equal(t, checks.Problem, checks.Worst(results))
	golden.Compare(t, "testdata/broken.golden.txt", []byte(strings.Join(checks.Lines(results, false), "\n")+"\n"))
}

func TestAnEmptyClusterHoldsNothing(t *testing.T) {
	results := Judge(Facts{Objects: &snapshot.Snapshot{}})
	assert.Equal(t, checks.OK, checks.Worst(results))
	assert.Equal(t, "no manager leads, and no object has its finalizer", results[0].Message)
}

func TestAManagerTakesItsFinalizersOff(t *testing.T) {
	s := snapshottest.Parse(t, []byte("apiVersion: xos.opencord.org/v1\nkind: TrustDomain\nmetadata: {name: a, finalizers: [xos.opencord.org/cleanup]}\n"))
	for leads, want := range map[bool]checks.Level{true: checks.OK, false: checks.Problem} {
		assert.Equal(t, want, checks.Worst(Judge(Facts{Objects: s, Leads: checks.Fact[bool]{Value: leads}})))
	}
	unknown := Judge(Facts{Objects: s, Leads: checks.Fact[bool]{Unread: "forbidden"}, Pending: checks.Fact[int]{Unread: "forbidden"}})
	assert.Equal(t, checks.Warning, checks.Worst(unknown))
}
