package plugin

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/uninstall"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// TestAnUninstallIsChecked has another client hold an object. Other tests' objects are in the
// cluster too, so that only what is of this one is asserted.
func TestAnUninstallIsChecked(t *testing.T) {
	e := newEnv(t)
	e.apply("{kind: KubernetesConfigMap, metadata: {name: page}, spec: {data: {a: '1'}}}")
	maps := e.xos.XosV1().KubernetesConfigMaps(e.domain)
	testkit.Await(e, maps.Get, "page", ready[*xosv1.KubernetesConfigMap])
	hold := func(finalizers string) {
		_, err := maps.Patch(t.Context(), "page", types.MergePatchType, []byte(`{"metadata":{"finalizers":`+finalizers+`}}`), metav1.PatchOptions{})
		require.NoError(t, err)
	}
	hold(`["example.org/backup"]`)
	defer hold("null")

	var out output
	err := e.command(t.Context(), uninstall.NewCommand(), &out, "--check", "-o", "json")
	require.ErrorIs(t, err, cli.ErrFound)
	var read struct {
		Results []struct{ Check, Result, Message string }
	}
	require.NoError(t, json.Unmarshal([]byte(out.String()), &read))
	found := map[string]string{}
	for _, r := range read.Results {
		found[r.Check] = r.Result + ": " + r.Message
	}
	assert.Contains(t, found["finalizers"], "KubernetesConfigMap "+e.domain+"/page (example.org/backup)")
	assert.Contains(t, found["manager"], "problem: no manager leads; with its finalizer on them", "that of the tests holds no Lease")

	_, err = e.run(uninstall.NewCommand())
	require.Error(t, err, "it has no namespace")
	err = e.command(t.Context(), uninstall.NewCommand(), &out)
	require.ErrorContains(t, err, "this command only checks: add --check")
	err = e.command(t.Context(), uninstall.NewCommand(), &out, "--check", "--as", "nobody")
	require.ErrorContains(t, err, "it can't be told: ")
}
