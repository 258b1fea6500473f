package integration

import (
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// forbid answers reads of the resources as the API server does whom the right to
// them was taken from, until they are allowed.
func forbid(allowed *atomic.Bool, resources ...string) transport.Hook {
	return func(r transport.Request) transport.Fault {
		if allowed.Load() || (r.Verb != "list" && r.Verb != "watch") || !slices.Contains(resources, r.Resource) {
			return nil
		}
		return transport.Refuse{Err: apierrors.NewForbidden(schema.GroupResource{Resource: r.Resource}, "", errors.New("no right"))}
	}
}

func TestACacheThatCannotBeFilledBlocksOnlyItsReaders(t *testing.T) {
	s := aloneEnv(t)
	s.startManager()
	s.addDomain("All")
	s.apply(sliceOf("Deployment", "", "") + "---" + settings)
	s.ready("Slice", nameFor("Deployment"))
	s.ready("KubernetesConfigMap", "settings")
	before := testkit.Must(s, s.kube.AppsV1().Deployments(s.domain).Get, nameFor("Deployment"))
	s.manager.Stop()

	// A controller that began with what it sees would take the Deployment for missing, and
	// the job's cache has nothing to do with it but that one kind reads both.
	var allowed atomic.Bool
	s.launch(forbid(&allowed, "deployments", "jobs"))
	s.apply(sliceOf("Job", "", ""))
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: settings}\nspec: {trustDomain: $domain, data: {color: green}}")
	s.ready("KubernetesConfigMap", "settings")
	require.Equal(t, map[string]string{"color": "green"}, testkit.Must(s, s.configMaps().Get, "settings").Data)
	s.apply(slicedWeb)
	s.ready("KubernetesServiceInstance", "web")
	s.until("word of what is waited for", func() bool {
		return strings.Contains(s.manager.Log(), `kind="Slice" caches=["deployments.apps","jobs.batch"]`)
	})
	for _, r := range s.settled(0).Writes() {
		require.NotContains(t, []string{"deployments", "jobs", "slices/status"}, r.Resource, r)
	}

	allowed.Store(true)
	s.ready("Slice", nameFor("Job"))
	require.Equal(t, before.UID, testkit.Must(s, s.kube.AppsV1().Deployments(s.domain).Get, nameFor("Deployment")).UID)
}
