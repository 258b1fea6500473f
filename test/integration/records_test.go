package integration

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
)

func TestASiteIsRecorded(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	mark := s.manager.Mark()
	s.apply("kind: Site\nmetadata: {name: $domain-site}\nspec: {abbreviatedName: Site}")
	s.Cleanup(func() { s.forget("Site", s.domain+"-site") })
	s.ready("Site", s.domain+"-site")
	require.Equal(t, []string{"patch sites/status " + s.domain + "-site"}, s.settled(mark, s.domain+"-site").Lines())
}

func TestAnImageReportsItsReferenceAndItsInstances(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	image := s.domain + "-pause"
	s.apply(`
kind: Image
metadata: {name: $domain-pause}
spec: {name: registry.k8s.io/pause, tag: $domain}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {image: $domain-pause}`)
	s.Cleanup(func() { s.forget("Image", image) })
	images := s.xos.XosV1().Images()
	found := testkit.Await(s, images.Get, image, func(i *xosv1.Image) bool { return i.Status.Instances == 1 })
	require.Equal(t, "registry.k8s.io/pause:"+s.domain, found.Status.Reference)
	s.delete("KubernetesServiceInstance", "web")
	testkit.Await(s, images.Get, image, func(i *xosv1.Image) bool { return i.Status.Instances == 0 })
}

func TestASecondImageOfTheSameReferenceIsRefusedUntilTheFirstGoes(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	const spec = "spec: {name: example.org/twin, tag: $domain}"
	s.apply("kind: Image\nmetadata: {name: $domain-a}\n" + spec)
	s.ready("Image", s.domain+"-a")
	s.apply("kind: Image\nmetadata: {name: $domain-b}\n" + spec)
	s.Cleanup(func() { s.forget("Image", s.domain+"-b") })
	s.unready("Image", s.domain+"-b", xosv1.ReasonInvalid, "Image $domain-a has the same name, tag and digest")
	s.delete("Image", s.domain+"-a")
	s.ready("Image", s.domain+"-b")
}

func TestASliceCountsItsInstances(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(`
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: front, imageReference: "registry.k8s.io/pause:3.9"}`)
	testkit.Await(s, s.xos.XosV1().Slices(s.home).Get, "front", func(sl *xosv1.Slice) bool { return sl.Status.Instances == 1 })
	s.delete("KubernetesServiceInstance", "web")
	testkit.Await(s, s.xos.XosV1().Slices(s.home).Get, "front", func(sl *xosv1.Slice) bool { return sl.Status.Instances == 0 })
}

// This test deletes what all others need, and so runs before them.
func TestTheKubernetesServiceIsThereAndComesBack(t *testing.T) {
	s := aloneEnv(t)
	s.startManager()
	services := s.xos.XosV1().KubernetesServices()
	s.ready("KubernetesService", xosv1.DefaultKubernetesService)
	first := testkit.Await(s, services.Get, xosv1.DefaultKubernetesService, func(k *xosv1.KubernetesService) bool { return k.Status.Nodes == 2 })
	require.NotEmpty(t, first.Status.Version)

	require.NoError(t, services.Delete(t.Context(), first.Name, metav1.DeleteOptions{}))
	testkit.Await(s, services.Get, first.Name, func(k *xosv1.KubernetesService) bool { return k.UID != first.UID })
	s.ready("KubernetesService", xosv1.DefaultKubernetesService)

	s.apply("kind: KubernetesService\nmetadata: {name: another}")
	s.Cleanup(func() { s.forget("KubernetesService", "another") })
	s.unready("KubernetesService", "another", xosv1.ReasonInvalid, `only "kubernetes"`)
}
