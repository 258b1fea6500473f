package cases

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

func TestCase06RenameKeepsNodePort(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "06-rename-keeps-node-port")
	p.domain()
	p.apply("10-blob.yaml")
	p.ready(resourceInstance, "portal")
	p.apply("20-blob-renamed.yaml")
	found := p.ready(resourceInstance, "portal")
	require.Len(t, found.Status.Inventory, 2)
	services := p.kube.CoreV1().Services(p.namespace)
	renamed, err := services.Get(t.Context(), "portal-ext", metav1.GetOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 30906, renamed.Spec.Ports[0].NodePort)
	_, err = services.Get(t.Context(), "portal-external", metav1.GetOptions{})
	require.True(t, apierrors.IsNotFound(err), "portal-external: %v", err)
}

func TestCase08StatusIsPlainData(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "08-status-is-plain-data")
	p.domain()
	p.apply("02-rights.yaml", "05-crd.yaml")
	p.established("notices.case08.example.org")
	p.apply("15-control.yaml")
	notices := p.custom("case08.example.org", "v1", "notices").Namespace(p.namespace)
	status := func(name string) map[string]string {
		notice, err := notices.Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		status, _, err := unstructured.NestedStringMap(notice.Object, "status")
		require.NoError(t, err)
		return status
	}
	want := map[string]string{"state": "published", "reviewer": "somebody"}
	require.Equal(t, want, status("control"), "kubectl stores it")
	p.apply("10-blob.yaml")
	p.ready(resourceInstance, "notices")
	require.Equal(t, want, status("holidays"))
}

func TestCase09ObservedGenerationAsText(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "09-observed-generation-as-text")
	p.domain()
	p.apply("02-rights.yaml", "05-crd.yaml")
	p.established("gates.case09.example.org")
	p.apply("10-blob.yaml")
	p.ready(resourceInstance, "gates")
	gates := p.custom("case09.example.org", "v1", "gates").Namespace(p.namespace)
	report := func(name, status string) {
		_, err := gates.Patch(t.Context(), name, types.MergePatchType, []byte(status), metav1.PatchOptions{}, "status")
		require.NoError(t, err)
	}
	for _, step := range []struct{ gate, file string }{{"main", "20-status-main.json"}, {"side", "21-status-side.json"}} {
		// What is read without doubt, so that what comes next is seen to have been read.
		report(step.gate, `{"status": {"observedGeneration": 0}}`)
		p.unready(resourceInstance, "gates", "", step.gate)
		text, err := os.ReadFile("testdata/" + p.dir + "/" + step.file)
		require.NoError(t, err)
		report(step.gate, string(text))
		found := p.ready(resourceInstance, "gates")
		require.Len(t, found.Status.Inventory, 2)
		for _, entry := range found.Status.Inventory {
			assert.Equal(t, xosv1.HealthCurrent, entry.Health, "%s: %s", entry.Name, entry.Message)
		}
	}
}

func TestCase12MovedBetweenBlobs(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "12-moved-between-blobs")
	p.domain()
	before := func() {
		p.apply("10-before.yaml")
		p.ready(resourceInstance, "left")
		p.ready(resourceInstance, "right")
	}
	after := func() {
		p.apply("20-after.yaml")
		require.Len(t, p.ready(resourceInstance, "right").Status.Inventory, 3)
		require.Len(t, p.ready(resourceInstance, "left").Status.Inventory, 1)
		ledger := p.ledger()
		require.NotContains(t, ledger, types.UID(""))
		p.quiet(func(ref audit.Object) bool {
			return ref.Namespace == p.namespace && ref.Name == "ledger" && (ref.Resource == "deployments" || ref.Resource == "secrets")
		})
		require.Equal(t, ledger, p.ledger(), "nobody fights over them")
	}
	before()
	after()

	// Started over, with what docs/kinds.md says of moving.
	for _, name := range []string{"left", "right"} {
		blob := ours(resourceInstance, p.namespace, name)
		p.remove(t.Context(), blob)
		p.gone(blob)
	}
	before()
	ledger := p.ledger()
	p.patch(ours(resourceInstance, p.namespace, "left"), `{"spec":{"prune":false}}`)
	after()
	require.Equal(t, ledger, p.ledger(), "the objects have survived")
}

// ledger are the UIDs of the Deployment and the Secret of that name.
func (p *play) ledger() [2]types.UID {
	p.Helper()
	deployment, err := p.kube.AppsV1().Deployments(p.namespace).Get(p.Context(), "ledger", metav1.GetOptions{})
	require.NoError(p, err)
	secret, err := p.kube.CoreV1().Secrets(p.namespace).Get(p.Context(), "ledger", metav1.GetOptions{})
	require.NoError(p, err)
	return [2]types.UID{deployment.UID, secret.UID}
}

func TestCase16WindowsFile(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "16-windows-file")
	p.domain()
	p.apply("15-control.yaml", "10-blob.yaml")
	require.Len(t, p.ready(resourceInstance, "windows").Status.Inventory, 2)
	require.Equal(t, p.configMap("control"), p.configMap("scripts"), "as kubectl reads it")
	for key, value := range p.configMap("scripts") {
		require.NotContains(t, value, "\r", key)
	}
	_, err := p.kube.CoreV1().Services(p.namespace).Get(t.Context(), "scripts", metav1.GetOptions{})
	require.NoError(t, err)

	p.apply("11-glued.yaml")
	found := p.becomes(resourceInstance, "glued", func(s *seen) bool {
		c := s.is(xosv1.ConditionReady)
		return c.Status == metav1.ConditionTrue || c.Reason == xosv1.ReasonInvalid
	})
	if c := found.is(xosv1.ConditionReady); c.Status == metav1.ConditionFalse {
		require.True(t, strings.Contains(c.Message, "byte order mark") ||
			(strings.Contains(c.Message, "document") && strings.Contains(c.Message, "line")), c.Message)
		return
	}
	for _, name := range []string{"glued-1", "glued-2"} {
		p.configMap(name)
	}
}

func TestCase11AdoptedFieldRemoved(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "11-adopted-field-removed")
	p.domain()
	p.apply("05-by-hand.yaml")
	var before types.UID
	p.until("the pod of web is there", func(ctx context.Context) error {
		pods, err := p.pods(ctx)
		for _, pod := range pods {
			before = pod.UID
		}
		if len(pods) != 1 {
			return fmt.Errorf("%d pods: %w", len(pods), err)
		}
		return err
	})
	// The case is older than the rule that nothing is adopted without the consent of
	// a client that may change it.
	p.consent(named("v1", "ConfigMap", p.namespace, "settings"))
	p.consent(named("v1", "ConfigMap", p.namespace, "options"))
	p.consent(named("apps/v1", "Deployment", p.namespace, "web"))
	p.apply("10-taken-over.yaml")
	p.ready(resourceInstance, "taken")
	p.ready("KubernetesConfigMap", "options")
	pods, err := p.pods(t.Context())
	require.NoError(t, err)
	require.Len(t, pods, 1)
	for _, pod := range pods {
		require.Equal(t, before, pod.UID, "the pod was not replaced")
	}
	p.apply("20-without-legacy.yaml")
	p.ready(resourceInstance, "taken")
	p.ready("KubernetesConfigMap", "options")
	require.Equal(t, map[string]string{"color": "blue"}, p.configMap("settings"))
	require.Equal(t, map[string]string{"size": "large"}, p.configMap("options"))
	web, err := p.kube.AppsV1().Deployments(p.namespace).Get(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	require.Len(t, web.Spec.Template.Spec.Containers[0].Env, 1)
	require.Equal(t, "COLOR", web.Spec.Template.Spec.Containers[0].Env[0].Name)
}
