package pull_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/events"
	"xos.opencord.org/kubernetes-service/pull"
)

// audit runs "kubectl xos events --audit" as a user of the plane.
func (b *broker) audit(ctx context.Context) (string, error) {
	var out bytes.Buffer
	cmd := events.NewCommand()
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs([]string{"--audit", "--grace=500ms", "--kubeconfig", b.w.plane.Kubeconfig(), "--brokers", strings.Join(b.ListenAddrs(), ",")})
	err := cmd.ExecuteContext(ctx)
	return out.String(), err
}

// agrees waits for an audit to find nothing, and returns what it says.
func (b *broker) agrees() (summary string) {
	b.w.Helper()
	b.w.eventually(func(ctx context.Context) error {
		out, err := b.audit(ctx)
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		summary = out
		if strings.Contains(out, "no snapshot could be checked") {
			return errors.New(out)
		}
		return nil
	})
	return summary
}

func TestAnAuditFindsWhatKafkaWasNotTold(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	m := w.start(pull.Options{Log: b.log()})
	w.deployment(2, image)
	for _, name := range []string{"goes", "changes"} {
		w.pod(name, image)
		w.instance(name, b.told)
	}
	i := w.managed("mine")
	b.statuses(w.podOf(i).UID, "created")
	summary := b.agrees()
	assert.Contains(t, summary, "2 nodes")
	assert.Contains(t, summary, "the last snapshot of 1 partition agrees with the events before it")

	m.Stop()
	goes, err := w.kubernetes.CoreV1().Pods(w.namespace).Get(t.Context(), "goes", metav1.GetOptions{})
	require.NoError(t, err)
	w.deletePod("goes")
	w.podGone("goes")
	w.patchPod("changes", `{"metadata":{"labels":{"xos_service":"other"}}}`)
	comes := w.pod("comes", image)
	slices, err := w.xos.Slices(w.namespace).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, slices.Items)
	require.NoError(t, w.xos.Slices(w.namespace).Delete(t.Context(), slices.Items[0].Name, metav1.DeleteOptions{}))
	out, err := b.audit(t.Context())
	require.ErrorIs(t, err, events.ErrDiffers)
	assert.Contains(t, out, fmt.Sprintf("gone: kubernetesserviceinstance %s/goes (%s) is not in the cluster", w.namespace, goes.UID))
	assert.Contains(t, out, fmt.Sprintf("missing: kubernetesserviceinstance %s/comes (%s) is in the cluster", w.namespace, comes.UID))
	assert.Contains(t, out, fmt.Sprintf("different: kubernetesserviceinstance %s/changes (", w.namespace))
	assert.Regexp(t, `labels: Kafka was told {.*"xos_service":"demo"}, the cluster shows {.*"xos_service":"other"}\n`, out)
	assert.Contains(t, out, fmt.Sprintf("gone: slice %s/%s (", w.namespace, slices.Items[0].Name))

	w.start(pull.Options{Log: b.log()})
	b.agrees()
}

func TestAnAuditOfAPullThatIsOffSaysSo(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	w.off = true
	w.selectOnly(w.namespace)
	_, err := b.audit(t.Context())
	require.ErrorContains(t, err, "spec.pull.enabled of KubernetesService kubernetes is false")
	assert.NotErrorIs(t, err, events.ErrDiffers)
}
