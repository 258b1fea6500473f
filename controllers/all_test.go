package controllers_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
)

func TestEveryKindHasAController(t *testing.T) {
	scheme := runtime.NewScheme()
	require.NoError(t, xosv1.AddToScheme(scheme))
	var want []string
	for kind, goType := range scheme.KnownTypes(xosv1.SchemeGroupVersion) {
		ours := goType.PkgPath() == reflect.TypeFor[xosv1.Slice]().PkgPath()
		if ours && !strings.HasSuffix(kind, "List") {
			want = append(want, kind)
		}
	}
	c, err := cluster.New(&rest.Config{Host: "unused.example.org"})
	require.NoError(t, err)
	all, err := controllers.All(c, &controllers.ClusterInfo{}, reconciler.Options{})
	require.NoError(t, err)
	var got []string
	for _, controller := range all {
		got = append(got, controller.Name())
	}
	assert.ElementsMatch(t, want, got, "a kind's controller has its line in all.go")
}
