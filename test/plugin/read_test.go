package plugin

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/graph"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/hierarchy"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/status"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/tree"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

const shop = `
kind: Service
metadata: {name: shop}
---
kind: Slice
metadata: {name: web}
spec:
  service: shop
  controllerKind: StatefulSet
  controllerReplicaCount: 2
  template: {spec: {containers: [{name: web, image: "nginx:1"}]}}
`

// awaitShop waits until the slice is ready and its pods are inventoried.
func (e *env) awaitShop() {
	e.Helper()
	testkit.Await(e, e.xos.XosV1().Slices(e.domain).Get, "web", ready[*xosv1.Slice])
	for _, pod := range []string{"web-0", "web-1"} {
		testkit.Await(e, e.xos.XosV1().KubernetesServiceInstances(e.domain).Get, pod, func(i *xosv1.KubernetesServiceInstance) bool {
			return i.Status.Ready && i.Spec.Slice == "web"
		})
	}
}

// shape is the names and health of a tree's nodes.
func shape(nodes []*hierarchy.Node) map[string]any {
	of := map[string]any{}
	for _, n := range nodes {
		of[n.Kind+" "+n.Name+" "+string(n.Level)] = shape(n.Children)
	}
	return of
}

func TestAServiceIsShownDownToItsPods(t *testing.T) {
	e := newEnv(t)
	e.apply(shop)
	e.awaitShop()
	out, err := e.run(tree.NewCommand(), "-o", "json")
	require.NoError(t, err)
	var document hierarchy.Document
	require.NoError(t, json.Unmarshal([]byte(out), &document))
	pod := func(name string) map[string]any { return map[string]any{"Pod " + name + " Ready": map[string]any{}} }
	assert.Equal(t, map[string]any{"Service shop Ready": map[string]any{"Slice web Ready": map[string]any{
		"KubernetesServiceInstance web-0 Ready": pod("web-0"), "KubernetesServiceInstance web-1 Ready": pod("web-1"),
	}}}, shape(document.Items))
	assert.Empty(t, document.Unread)

	out, err = e.run(tree.NewCommand(), "slice/web")
	require.NoError(t, err)
	assert.Contains(t, out, "Slice "+e.domain+"/web (StatefulSet)")
	assert.Contains(t, out, "   └─ Pod web-1")
	assert.NotContains(t, out, "\x1b", "it is no terminal")
	_, err = e.run(tree.NewCommand(), "slice/db")
	require.ErrorContains(t, err, "not found in namespace "+e.domain+" (-n chooses another one, and -A all): Slice db")

	out, err = e.run(graph.NewCommand(), "slice/web", "-o", "mermaid")
	require.NoError(t, err)
	for _, name := range []string{"Service · Ready<br/>", "StatefulSet<br/>", "Pod · Ready<br/>", "TrustDomain · Ready<br/>"} {
		assert.Contains(t, out, name+e.domain)
	}
	out, err = e.run(status.NewCommand())
	require.NoError(t, err)
	assert.Contains(t, out, " objects: all are well.\n")
}

func TestATreeFollowsWhatChanges(t *testing.T) {
	e := newEnv(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, ended := &output{}, make(chan error, 1)
	go func() { ended <- e.command(ctx, tree.NewCommand(), out, "-n", e.domain, "-w") }()
	out.await(t, "Nothing found yet.\n")
	e.apply(shop)
	out.await(t, "      └─ Pod web-1                 Ready")
	cancel()
	require.NoError(t, <-ended, "that is how to end it")
}

func TestWhatIsNotWellIsSaid(t *testing.T) {
	e := newEnv(t)
	e.apply(`
kind: Slice
metadata: {name: web}
spec: {principal: nobody, controllerKind: Deployment, template: {spec: {containers: [{name: web, image: "nginx:1"}]}}}`)
	testkit.Await(t, e.xos.XosV1().Slices(e.domain).Get, "web", func(s *xosv1.Slice) bool { return len(s.Status.Conditions) > 0 })
	out, err := e.run(status.NewCommand())
	require.ErrorIs(t, err, cli.ErrFound)
	assert.Contains(t, out, "Progressing: Slice "+e.domain+"/web: Principal nobody does not exist (ReferenceNotFound, for ")
	assert.Contains(t, out, ", see docs/troubleshooting.md#referencenotfound)\n1 of 2 objects: not well.\n")
}

// TestATenantSeesWhatATenantMaySee impersonates a user who may list slices of one namespace.
func TestATenantSeesWhatATenantMaySee(t *testing.T) {
	e := newEnv(t)
	e.apply(shop)
	e.awaitShop()
	e.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: slices, namespace: $domain}
rules: [{apiGroups: [xos.opencord.org], resources: [slices, kubernetesserviceinstances], verbs: [list, watch]}]`)
	e.bind("jane", "Role", "slices", "slices.xos.opencord.org")
	jane := []string{"--as", e.domain + "-jane"}
	out, err := e.run(tree.NewCommand(), jane...)
	require.NoError(t, err)
	assert.Contains(t, out, "└─ Slice web")
	assert.Contains(t, out, "Pod web-0", "out of the status of its instance")
	assert.Contains(t, out, "\nservices.xos.opencord.org, pods in namespace "+e.domain+" are left out: you may not list them\n")

	out, err = e.run(tree.NewCommand(), append([]string{"-w=false", "-o", "yaml"}, jane...)...)
	require.NoError(t, err)
	assert.Contains(t, out, "unread:\n  - namespace: "+e.domain)
	out, err = e.run(status.NewCommand(), jane...)
	require.EqualError(t, err, "it can't be told whether all is well, since objects were left out")
	assert.Contains(t, out, "3 objects that could be read: all are well.\n")
	_, err = e.run(status.NewCommand(), "--as", "nobody-at-all")
	require.ErrorContains(t, err, "you may not list what this shows of xos.opencord.org in namespace "+e.domain)
	require.NotErrorIs(t, err, cli.ErrFound)
}

func TestNamesAreCompleted(t *testing.T) {
	e := newEnv(t)
	e.apply(shop)
	cmd := tree.NewCommand()
	require.NoError(t, cmd.ParseFlags([]string{"--kubeconfig", e.plane.Kubeconfig(), "-n", e.domain}))
	cmd.SetContext(t.Context())
	names, _ := cmd.ValidArgsFunction(cmd, nil, "service/")
	assert.Equal(t, []string{"service/shop"}, names)
	names, _ = cmd.ValidArgsFunction(cmd, []string{"slice/web"}, "slice/")
	assert.Empty(t, names, "it is given already")
	names, _ = cmd.ValidArgsFunction(cmd, nil, "image/")
	assert.Empty(t, names, "a tree shows none")
}

// TestWhoMayNotWatchIsTold has a user who may list slices, and no more.
func TestWhoMayNotWatchIsTold(t *testing.T) {
	e := newEnv(t)
	e.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: lists, namespace: $domain}
rules: [{apiGroups: [xos.opencord.org], resources: [slices], verbs: [list]}]`)
	e.bind("joe", "Role", "lists", "slices.xos.opencord.org")
	_, err := e.run(tree.NewCommand(), "-w", "--as", e.domain+"-joe")
	require.ErrorContains(t, err, "watch slices.xos.opencord.org: ")
}
