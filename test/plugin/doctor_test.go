package plugin

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/checks"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/doctor"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/status"
	"xos.opencord.org/kubernetes-service/hack/manifests"
	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

// lead holds the Lease in the test's namespace as a manager does.
func (e *env) lead() {
	e.Helper()
	ctx, stop := context.WithCancel(e.Context())
	leading, ended := make(chan struct{}), make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta: metav1.ObjectMeta{Namespace: e.domain, Name: xosv1.FieldManager}, Client: e.kube.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: "a-test"},
		},
		LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 2 * time.Second,
		Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { close(leading) }, OnStoppedLeading: func() {}},
	})
	require.NoError(e, err)
	go func() {
		elector.Run(ctx)
		close(ended)
	}()
	e.Cleanup(func() {
		stop()
		<-ended
	})
	<-leading
}

// TestAnInstallationIsChecked has a Lease and a Deployment of the manager's name in the test's
// namespace, and the fence of the deployed manager, which is not around those.
func TestAnInstallationIsChecked(t *testing.T) {
	e := newEnv(t)
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, kafka.DefaultInventoryTopic))
	require.NoError(t, err)
	t.Cleanup(broker.Close)
	e.lead()
	e.apply(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: xos-controller-manager, namespace: $domain}
spec:
  replicas: 1
  selector: {matchLabels: {app: manager}}
  template: {metadata: {labels: {app: manager}}, spec: {containers: [{name: manager, image: "manager:1"}]}}`)
	testkit.Await(t, e.kube.AppsV1().Deployments(e.domain).Get, xosv1.FieldManager, func(d *appsv1.Deployment) bool {
		return d.Status.ReadyReplicas == 1 && d.Status.UpdatedReplicas == 1
	})
	out, err := e.run(doctor.NewCommand(), "--manager-namespace", e.domain, "--brokers", broker.ListenAddrs()[0], "-o", "json")
	require.ErrorIs(t, err, cli.ErrFound)
	var got struct{ Items []checks.Result }
	require.NoError(t, json.Unmarshal([]byte(out), &got))
	messages := map[string]string{}
	for _, r := range got.Items {
		messages[r.Check] = string(r.Level) + ": " + r.Message
	}
	assert.Equal(t, map[string]string{
		"version of Kubernetes": messages["version of Kubernetes"],
		"definitions":           "ok: all 15 kinds are served, with the schema of this plugin's version",
		"manager leads":         "ok: a-test leads, and renews Lease " + e.domain + "/xos-controller-manager",
		"manager runs":          "ok: 1 of 1 pods of Deployment " + e.domain + "/xos-controller-manager are ready, with image manager:1",
		"fence":                 "problem: the fence is not around the manager, which is system:serviceaccount:" + e.domain + ":xos-controller-manager",
		"events":                messages["events"],
		"Kafka":                 "ok: topic xos.inventory.v1 is there, with 2 partitions, and you may read it",
		"your rights":           "ok: you may read all that the commands show, in namespace " + e.domain,
		"deletions":             messages["deletions"],
	}, messages)
	assert.Regexp(t, `^ok: 1\.\d+\.\d+ is supported, as are 1\.`, messages["version of Kubernetes"])
	assert.Contains(t, messages["events"], "ok: Kubernetes v1.")
	assert.Contains(t, messages["deletions"], "ok: no object of ")
}

// TestATenantNeedsNoMoreThanToView binds a user to the role that tenants have who only look.
func TestATenantNeedsNoMoreThanToView(t *testing.T) {
	e := newEnv(t)
	roles, err := manifests.ReadFiles("../../deploy/tenant-roles.yaml")
	require.NoError(t, err)
	for _, role := range roles {
		require.NoError(t, e.user.Apply(t.Context(), role, "plugin-test"))
	}
	jane := []string{"--as", e.domain + "-jane"}
	out, err := e.run(doctor.NewCommand(), jane...)
	require.NoError(t, err, "what a tenant may not do is no problem")
	assert.Contains(t, out, "what you may not do in namespace "+e.domain+", commands leave out: list pods, list ")
	assert.Contains(t, out, "→ ask for a RoleBinding to ClusterRole view in the namespace")
	e.bind("jane", "ClusterRole", "view", "pods", "slices.xos.opencord.org") // the latter are added to the role
	out, err = e.run(doctor.NewCommand(), jane...)
	require.NoError(t, err, "the manager is none of a tenant's")
	assert.Contains(t, out, "whether a manager leads is not known: leases.coordination.k8s.io")
	assert.Contains(t, out, "you may read all that the commands show, in namespace "+e.domain+"\n")
	assert.Regexp(t, `(?m)^ok +deletions`, out)
	out, err = e.run(status.NewCommand(), jane...)
	require.NoError(t, err)
	assert.Contains(t, out, "kubernetessecrets.xos.opencord.org in namespace "+e.domain+" are left out: you may not list them\n")
}
