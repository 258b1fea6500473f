package record

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

func nodeIn(t *testing.T, text []byte) *corev1.Node {
	t.Helper()
	node := &corev1.Node{}
	require.NoError(t, yaml.Unmarshal(text, node))
	return node
}

// example is the Node of the blueprint, whose six fields are those that are extracted there.
func example(t *testing.T) *corev1.Node {
	t.Helper()
	text, err := os.ReadFile("testdata/nodes/vitrage.yaml")
	require.NoError(t, err)
	return nodeIn(t, text)
}

func TestTheExampleOfTheBlueprintGivesItsSixFields(t *testing.T) {
	s := NodeStatus(example(t))
	assert.Equal(t, "2017-11-29T07:24:59Z", s.CreationTimestamp.UTC().Format(time.RFC3339))
	assert.Equal(t, "bcmt-control-01", s.Name)
	assert.Equal(t, []xosv1.NodeAddress{
		{Type: "InternalIP", Address: "172.16.1.12"}, {Type: "InternalIP", Address: "10.5.138.49"}, {Type: "Hostname", Address: "bcmt-control-01"},
	}, s.Addresses)
	assert.EqualValues(t, "68011206-d4d6-11e7-9c63-fa163e2e2123", s.UID)
	assert.Equal(t, "openstack", s.Provider)
	assert.Equal(t, "openstack:///41c40aab-80e9-4bb6-a280-27976bfc811f", s.ProviderID)
}

func TestNodesAndTheirRecords(t *testing.T) {
	golden.Cases(t, "testdata/nodes", ".yaml", func(t *testing.T, input []byte) []byte {
		t.Helper()
		node := nodeIn(t, input)
		o := NewNode(node)
		o.Status = NodeStatus(node)
		text, err := yaml.Marshal(o)
		require.NoError(t, err)
		return text
	})
}

func TestWhatTheCacheKeepsOfANodeIsAllThatIsShown(t *testing.T) {
	node := example(t)
	reduced := node.DeepCopy()
	observe.ReduceNode(reduced)
	assert.Equal(t, NodeStatus(node), NodeStatus(reduced))
	assert.Equal(t, node.ObjectMeta, reduced.ObjectMeta, "owners are resolved by that")
	assert.Empty(t, reduced.Status.Images)
	assert.Empty(t, reduced.Spec.Taints)
}

func TestAHeartbeatChangesNothingThatIsShown(t *testing.T) {
	before, after := example(t), example(t)
	for i := range after.Status.Conditions {
		after.Status.Conditions[i].LastHeartbeatTime = metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	}
	after.ResourceVersion = "10714283"
	after.Status.Images = nil
	assert.Equal(t, NodeStatus(before), NodeStatus(after))
}

func TestAnyProviderIDIsRecordedAsItIs(t *testing.T) {
	for id, provider := range map[string]string{
		"":                                "",
		"openstack:///41c40aab":           "openstack",
		"aws:///eu-central-1a/i-0123":     "aws",
		"kind://docker/kind/worker":       "kind",
		"rack-7":                          "",
		"://":                             "",
		"://x":                            "",
		"azure:/subscriptions":            "",
		"a://b://c":                       "a",
		"külçe://Ω":                       "külçe",
		strings.Repeat("x", 300) + "://y": strings.Repeat("x", 253),
	} {
		s := NodeStatus(&corev1.Node{Spec: corev1.NodeSpec{ProviderID: id}})
		assert.Equal(t, provider, s.Provider, id)
		assert.Equal(t, id, s.ProviderID)
	}
}

func TestANodeThatHasMoreThanARecordTakesIsCut(t *testing.T) {
	long := strings.Repeat("é", 2000)
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: strings.Repeat("n", 253), Labels: map[string]string{
		"kubernetes.io/role": long, corev1.LabelTopologyZone: long, corev1.LabelTopologyRegion: long,
	}}}
	node.Spec.ProviderID = long + "://" + long
	node.Status.NodeInfo.KubeletVersion = long
	node.Status.Capacity = corev1.ResourceList{"pods": resource.MustParse("110"), "cpu": resource.MustParse("9223372036854775807")}
	for i := range 200 {
		node.Labels[fmt.Sprintf("node-role.kubernetes.io/r%03d", i)] = ""
		node.Status.Addresses = append(node.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeAddressType(long), Address: long})
		node.Status.Capacity[corev1.ResourceName(fmt.Sprintf("a.example.com/r%03d", i))] = resource.MustParse("1")
	}
	s := NodeStatus(node)
	assert.Equal(t, node.Name, s.Name, "a name is never cut: the API has no longer one")
	assert.Len(t, s.Roles, 64)
	assert.Len(t, s.Addresses, 64)
	assert.Len(t, s.Capacity, 64)
	assert.Equal(t, "110", s.Capacity["pods"], "Kubernetes' own come first")
	for text, bound := range map[string]int{
		s.Provider: 253, s.ProviderID: 1024, s.Zone: 63, s.Region: 63, s.KubeletVersion: 253, s.Roles[63]: 253,
		s.Addresses[0].Type: 253, s.Addresses[0].Address: 253, s.Capacity["cpu"]: 64,
	} {
		assert.LessOrEqual(t, len(text), bound)
		assert.True(t, utf8.ValidString(text), "%q", text)
	}
}
