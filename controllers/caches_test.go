package controllers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/engine"
)

// readers are the files that read a cache which is not shared. Each belongs to
// kinds that declare what the cache holds as owned or referred to, and so wait
// for it: whoever adds a file here has seen to that.
var readers = map[string][]string{
	"ConfigMaps":      {"configmap.go", "rollout.go", "slice.go"},
	"CronJobs":        {"slice.go", "workload.go"},
	"DaemonSets":      {"slice.go", "workload.go"},
	"Deployments":     {"slice.go", "workload.go"},
	"Jobs":            {"refusals.go", "slice.go", "workload.go"},
	"NativeServices":  {"service.go", "serviceport.go"},
	"Nodes":           {"kubernetesservice.go"},
	"Pods":            {"instance.go", "kubernetesservice.go", "references.go", "slice.go", "takeover.go", "workload.go"},
	"Refusals":        {"refusals.go", "slice.go"},
	"ReplicaSets":     {"slice.go", "workload.go"},
	"RoleBindings":    {"bindings.go", "principal.go", "references.go"},
	"Secrets":         {"rollout.go", "secret.go", "slice.go"},
	"ServiceAccounts": {"accounts.go", "principal.go"},
	"StatefulSets":    {"slice.go", "workload.go"},
}

func TestAPlanReadsNoCacheThatItsControllerDoesNotWaitFor(t *testing.T) {
	c, err := cluster.New(&rest.Config{Host: "unused.example.org"})
	require.NoError(t, err)
	shared := sharedCaches(c)
	var own []string
	all := reflect.ValueOf(c).Elem()
	for i := range all.NumField() {
		field := all.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		held, ok := all.Field(i).Interface().(engine.Cache)
		if !ok || slices.Contains(shared, held) {
			continue
		}
		own = append(own, field.Name)
		assert.NotContains(t, field.Type.String(), "engine.Custom[", "%s: references lead on to every custom resource", field.Name)
	}
	found := map[string][]string{}
	for name, file := range sources(t) {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains(own, s.Sel.Name) && isCluster(s.X) && !slices.Contains(found[s.Sel.Name], name) {
				found[s.Sel.Name] = append(found[s.Sel.Name], name)
			}
			return true
		})
	}
	for _, files := range found {
		slices.Sort(files)
	}
	assert.Equal(t, readers, found)
}

// sources are this package's files, without its tests.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
	}
	return files
}

// isCluster says whether an expression is a cluster, by the names that one has
// in this package.
func isCluster(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name == "c"
	case *ast.SelectorExpr:
		return x.Sel.Name == "cluster"
	}
	return false
}
