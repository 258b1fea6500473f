package cases

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit/inprocess"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

func TestCase07AdmissionPolicyLifted(t *testing.T) {
	t.Parallel()
	const words = "every object needs the label cost-centre"
	p := newPlay(t, "07-admission-policy-lifted")
	p.domain()
	p.apply("05-policy.yaml")
	probe := func(ctx context.Context) error {
		_, err := p.kube.CoreV1().ConfigMaps(p.namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "probe"}},
			metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	p.until("the policy refuses", func(ctx context.Context) error {
		if err := probe(ctx); err == nil || !strings.Contains(err.Error(), words) {
			return fmt.Errorf("the answer was %w", err)
		}
		return nil
	})
	p.apply("10-three.yaml")
	three := map[string]string{"KubernetesConfigMap": "settings", "Slice": "web", resourceInstance: "extras"}
	for kind, name := range three {
		p.unready(kind, name, xosv1.ReasonForbidden, words)
	}
	p.delete("05-policy.yaml")
	p.until("the policy lets through", probe)
	for kind, name := range three {
		p.ready(kind, name)
	}
}

// tries are when the manager applied an object of the case.
func (p *play) tries(since transport.Mark, resource, name string) []time.Time {
	var when []time.Time
	for _, r := range p.manager.Since(since).In(p.namespace).To(resource).Named(name).Writes() {
		when = append(when, r.Time)
	}
	return when
}

func TestCase10DuplicateListKeys(t *testing.T) {
	t.Parallel()
	p := newPlay(t, "10-duplicate-list-keys")
	p.domain()
	mark := p.manager.Mark()
	p.apply("10-blob.yaml", "11-blob-wrong-type.yaml")
	metrics := p.unready(resourceInstance, "metrics", xosv1.ReasonInvalid, "Deployment", "env", "ports")
	assert.Equal(t, metav1.ConditionTrue, metrics.is(xosv1.ConditionStalled).Status)
	flags := p.unready(resourceInstance, "flags", xosv1.ReasonInvalid, "expected string")
	assert.Equal(t, metav1.ConditionTrue, flags.is(xosv1.ConditionStalled).Status)
	message := flags.is(xosv1.ConditionReady).Message
	assert.True(t, strings.Contains(message, "port") || strings.Contains(message, "enabled"), message)
	assert.Equal(t, "30s", p.configMap("metrics")["interval"])

	// Nothing is hammered: of each there is a try after 1, 2, 4, ... seconds, at least
	// that far apart however slow the machine is, and no try writes the status anew.
	tried := func(resource, name string, times int) []time.Time {
		var when []time.Time
		p.until("it was tried some times", func(context.Context) error {
			if when = p.tries(mark, resource, name); len(when) < times {
				return fmt.Errorf("%d tries of %s", len(when), name)
			}
			return nil
		})
		return when
	}
	for resource, name := range map[string]string{"deployments": "metrics", "configmaps": "flags"} {
		tried(resource, name, 3)
		before := p.unready(resourceInstance, name, xosv1.ReasonInvalid)
		when := tried(resource, name, 5)
		for i, pause := 1, time.Second; i < len(when); i, pause = i+1, min(2*pause, time.Minute) {
			assert.Greater(t, when[i].Sub(when[i-1]), pause*9/10, "pause %d between tries of %s: %v", i, name, when)
		}
		now := p.unready(resourceInstance, name, xosv1.ReasonInvalid)
		assert.Equal(t, before.ResourceVersion, now.ResourceVersion, "a try that is refused as before writes nothing about %s", name)
	}

	p.apply("20-blob-fixed.yaml")
	p.ready(resourceInstance, "metrics")
}

func TestCase17ImmutableJobInBlob(t *testing.T) {
	t.Parallel()
	const canary = inprocess.Canary
	p := newPlay(t, "17-immutable-job-in-blob")
	p.domain()
	p.apply("10-blob.yaml")
	p.ready(resourceInstance, "release")

	refused := func() {
		p.apply("20-changed.yaml")
		s := p.unready(resourceInstance, "release", xosv1.ReasonInvalid, "Job case-17/prepare", "spec.template")
		var conditions []string
		for _, c := range s.Status.Conditions {
			conditions = append(conditions, c.Message)
		}
		assert.Less(t, len(strings.Join(conditions, "\n")), 2000)
		assert.NotContains(t, s.text(), canary)
		assert.Equal(t, "debug", p.configMap("release")["level"])
		assert.Equal(t, "b", p.configMap("old")["a"], "nothing is pruned before all is applied")
	}
	refused()
	// Taken back.
	p.apply("30-job-as-before.yaml")
	p.ready(resourceInstance, "release")
	p.gone(named("v1", "ConfigMap", p.namespace, "old"))

	// Or the Job is deleted.
	p.apply("10-blob.yaml")
	p.ready(resourceInstance, "release")
	refused()
	p.remove(t.Context(), named("batch/v1", "Job", p.namespace, "prepare"))
	p.ready(resourceInstance, "release")
	p.until("the Job has run with the new image", func(ctx context.Context) error {
		job, err := p.kube.BatchV1().Jobs(p.namespace).Get(ctx, "prepare", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if image := job.Spec.Template.Spec.Containers[0].Image; image != "example.org/prepare:2" || job.Status.Succeeded != 1 {
			return fmt.Errorf("image %s, succeeded %d", image, job.Status.Succeeded)
		}
		return nil
	})
	events, err := p.kube.EventsV1().Events("").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	for _, e := range events.Items {
		assert.NotContains(t, e.Note, canary)
	}
	assert.NotContains(t, p.manager.Log(), canary)
}
