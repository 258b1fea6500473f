package main

import (
	"slices"
	"testing"
)

func TestATreeIsDrawnWithItsNativeObjectsInAColumn(t *testing.T) {
	root := &node{model: "TrustDomain demo", native: "Namespace demo"}
	root.add(&node{model: "Principal a", native: "ServiceAccount demo/a"})
	root.add(&node{model: "Slice s", native: "nothing native"}).
		add(&node{model: "KubernetesServiceInstance i", native: "Pod demo/i"})

	got := root.render()
	want := []string{
		"TrustDomain demo                   Namespace demo",
		"├─ Principal a                     ServiceAccount demo/a",
		"└─ Slice s                         nothing native",
		"   └─ KubernetesServiceInstance i  Pod demo/i",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestAHandleIsTakenApart(t *testing.T) {
	for handle, want := range map[string]string{
		"/api/v1/namespaces/demo/pods/web":              "v1 pods demo/web",
		"/api/v1/namespaces/demo":                       "v1 namespaces demo",
		"/apis/apps/v1/namespaces/demo/deployments/web": "apps/v1 deployments demo/web",
	} {
		resource, name := parseHandle(handle)
		if got := resource.GroupVersion().String() + " " + resource.Resource + " " + name; got != want {
			t.Errorf("%s: got %q, want %q", handle, got, want)
		}
	}
}
