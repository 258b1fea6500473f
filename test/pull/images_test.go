package pull_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
)

const sha256 = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// references are images as pods name them, and their parts. Of the last one it does
// not matter how it is taken apart.
var references = map[string]struct{ image, name, tag, digest string }{
	"c27-plain":      {"nginx", "nginx", "", ""},
	"c27-port":       {"localhost:5000/team/app", "localhost:5000/team/app", "", ""},
	"c27-port-tag":   {"registry.example.org:443/team/service:2.54.3", "registry.example.org:443/team/service", "2.54.3", ""},
	"c27-tag-digest": {"registry.example.org:5000/team/app:v1.2@" + sha256, "registry.example.org:5000/team/app", "v1.2", sha256},
	"c27-digest":     {"ghcr.io/team/app@" + sha256, "ghcr.io/team/app", "", sha256},
	"c27-ipv6":       {"[fd00:10::5]:5000/team/app:v1", "[fd00:10::5]:5000/team/app", "v1", ""},
	"c27-ipv4":       {"192.0.2.7:5001/gearman", "192.0.2.7:5001/gearman", "", ""},
	"c27-upper":      {"Registry.Example.ORG/team/app:RC_1.0-Final", "Registry.Example.ORG/team/app", "RC_1.0-Final", ""},
	"c27-odd":        {"UPPER/Case:tag:twice", "UPPER/Case:tag", "twice", ""},
	"c27-deep": {"000000000000.dkr.ecr.eu-central-1.amazonaws.com/" + strings.Repeat("a-rather-long-part-of-a-path/", 6) + "app:" + strings.Repeat("x", 128),
		"000000000000.dkr.ecr.eu-central-1.amazonaws.com/" + strings.Repeat("a-rather-long-part-of-a-path/", 6) + "app", strings.Repeat("x", 128), ""},
}

func TestReferencesOfAllSortsAreTakenApartAndPutTogether(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	for name, reference := range references {
		w.pod(name, reference.image)
	}
	for name, reference := range references {
		i := w.instance(name, running)
		require.Equal(t, reference.image, i.Status.Containers[0].Image, name)
		w.eventually(func(ctx context.Context) error {
			image, err := w.xos.Images().Get(ctx, i.Spec.Image, metav1.GetOptions{})
			if err != nil {
				return err
			}
			require.Equal(t, []string{reference.name, reference.tag, reference.digest}, []string{image.Spec.Name, image.Spec.Tag, image.Spec.Digest}, name)
			if image.Status.Reference != reference.image {
				return fmt.Errorf("%s: reference %q", name, image.Status.Reference)
			}
			return nil
		})
	}

	// One of them is handed over: its pod runs on.
	pod := w.pods()["c27-ipv6"]
	_, err := w.instances().Patch(t.Context(), "c27-ipv6", types.MergePatchType, []byte(`{"spec":{"xosManaged":true}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	w.instance("c27-ipv6", func(i *xosv1.KubernetesServiceInstance) error { return is(i, xosv1.ReasonSucceeded) })
	require.Equal(t, pod, w.pods()["c27-ipv6"])

	// No Image stays that no instance uses.
	require.NoError(t, w.instances().Delete(t.Context(), "c27-ipv6", metav1.DeleteOptions{}))
	require.NoError(t, w.kubernetes.CoreV1().Pods(w.namespace).DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}))
	w.eventually(func(ctx context.Context) error {
		images, err := w.xos.Images().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, image := range images.Items {
			for name, reference := range references {
				if image.Status.Reference == reference.image && name != "c27-plain" { // which other tests run too
					return fmt.Errorf("image %s of %s is still there", image.Name, name)
				}
			}
		}
		return nil
	})
}

// What runs natively can be declared to XOS too.
func TestReferencesOfAllSortsCanBeDeclared(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	_, err := w.xos.TrustDomains().Create(t.Context(), &xosv1.TrustDomain{
		ObjectMeta: metav1.ObjectMeta{Name: w.namespace + "-managed"},
		Spec:       xosv1.TrustDomainSpec{AllowedNamespaces: &xosv1.AllowedNamespaces{From: xosv1.NamespacesFromAll}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = w.xos.TrustDomains().Delete(context.Background(), w.namespace+"-managed", metav1.DeleteOptions{})
	})
	_, err = w.xos.Slices(w.namespace).Create(t.Context(), &xosv1.Slice{
		ObjectMeta: metav1.ObjectMeta{Name: "managed"}, Spec: xosv1.SliceSpec{TrustDomain: w.namespace + "-managed"},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	for _, name := range []string{"c27-port-tag", "c27-tag-digest", "c27-ipv6", "c27-digest", "c27-ipv4"} {
		_, err := w.instances().Create(t.Context(), &xosv1.KubernetesServiceInstance{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: xosv1.KubernetesServiceInstanceSpec{Slice: "managed", ImageReference: references[name].image},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
		w.eventually(func(ctx context.Context) error {
			var pod *corev1.Pod
			if pod, err = w.kubernetes.CoreV1().Pods(w.namespace+"-managed").Get(ctx, name, metav1.GetOptions{}); err == nil {
				require.Equal(t, references[name].image, pod.Spec.Containers[0].Image)
			}
			return err
		})
	}
	require.NoError(t, w.instances().DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}))
}

func TestADeclaredImageWinsOverARecordedOne(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	reference := "registry.example.org/" + w.namespace + ":v1"
	w.pod("first", reference)
	record := w.instance("first", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Spec.Image == "" {
			return fmt.Errorf("no image")
		}
		return nil
	}).Spec.Image
	declared, err := w.xos.Images().Create(t.Context(), &xosv1.Image{
		ObjectMeta: metav1.ObjectMeta{Name: w.namespace},
		Spec:       xosv1.ImageSpec{Name: "registry.example.org/" + w.namespace, Tag: "v1"},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.xos.Images().Delete(context.Background(), declared.Name, metav1.DeleteOptions{}) })
	w.eventually(func(ctx context.Context) error {
		image, err := w.xos.Images().Get(ctx, declared.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		return is(image, xosv1.ReasonSucceeded)
	})
	w.instance("first", func(i *xosv1.KubernetesServiceInstance) error {
		if i.Spec.Image != declared.Name {
			return fmt.Errorf("image %s", i.Spec.Image)
		}
		return nil
	})
	w.gone(func(ctx context.Context) error {
		_, err := w.xos.Images().Get(ctx, record, metav1.GetOptions{})
		return err
	})
}

func TestAManifestAppliedToARecordIsReportedAsIneffective(t *testing.T) {
	w := newEnv(t)
	w.startWhole(pull.Options{})
	w.pod("web", image)
	w.instance("web", running)
	manifest := func(managed string) {
		_, err := w.instances().Patch(t.Context(), "web", types.ApplyPatchType, fmt.Appendf(nil, `{"apiVersion":"xos.opencord.org/v1",
			"kind":"KubernetesServiceInstance","metadata":{"name":"web"},"spec":{"env":[{"name":"A","value":"b"}]%s}}`, managed), metav1.PatchOptions{FieldManager: "kubectl"})
		require.NoError(t, err)
	}
	manifest("")
	const ineffective = "the spec that was applied to this record has no effect while spec.xosManaged is false: write xosManaged: true into the manifest"
	w.instance("web", func(i *xosv1.KubernetesServiceInstance) error { return is(i, xosv1.ReasonInventoried, ineffective) })

	domain, err := w.xos.TrustDomains().Patch(t.Context(), w.namespace, types.ApplyPatchType, w.manifest(w.namespace, ""), metav1.PatchOptions{FieldManager: "kubectl"})
	require.NoError(t, err)
	w.eventually(func(ctx context.Context) error {
		if domain, err = w.xos.TrustDomains().Get(ctx, w.namespace, metav1.GetOptions{}); err != nil {
			return err
		}
		return is(domain, xosv1.ReasonInventoried, ineffective)
	})
	_, err = w.xos.TrustDomains().Patch(t.Context(), w.namespace, types.ApplyPatchType, w.manifest(w.namespace, `,"xosManaged":false`),
		metav1.PatchOptions{FieldManager: "kubectl", Force: new(true)})
	require.NoError(t, err)
	w.eventually(func(ctx context.Context) error {
		if domain, err = w.xos.TrustDomains().Get(ctx, w.namespace, metav1.GetOptions{}); err != nil {
			return err
		}
		if err := is(domain, xosv1.ReasonInventoried); err != nil {
			return err
		}
		if is(domain, xosv1.ReasonInventoried, ineffective) == nil {
			return fmt.Errorf("it is still reported, though the manifest says that it is a record")
		}
		return nil
	})
}
