package integration

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/test/testkit"
	"xos.opencord.org/kubernetes-service/test/testkit/transport"
)

// Each case is applied, says what it lacks, and becomes Ready once that comes.
func TestAMissingReferenceIsNamedAndItsCreationSuffices(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ kind, manifest, lacks, comes string }{
		"a trust domain": {
			kind: "KubernetesConfigMap", manifest: "spec: {trustDomain: late-$domain}",
			lacks: "TrustDomain late-$domain does not exist",
			comes: "kind: TrustDomain\nmetadata: {name: late-$domain}\nspec: {allowedNamespaces: {from: All}}",
		},
		"a site": {
			kind: "Slice", manifest: "spec: {trustDomain: $domain, site: late-$domain}",
			lacks: "Site late-$domain does not exist",
			comes: "kind: Site\nmetadata: {name: late-$domain}",
		},
		"a principal": {
			kind: "Slice", manifest: "spec: {trustDomain: $domain, principal: late}",
			lacks: "Principal late does not exist",
			comes: "kind: Principal\nmetadata: {name: late}\nspec: {trustDomain: $domain}",
		},
		"a slice": {
			kind: "KubernetesServiceInstance", manifest: `spec: {slice: late, imageReference: "registry.k8s.io/pause:3.9"}`,
			lacks: "Slice late does not exist",
			comes: "kind: Slice\nmetadata: {name: late}\nspec: {trustDomain: $domain}",
		},
		"an image": {
			kind: "KubernetesServiceInstance", manifest: "spec: {slice: front, image: late-$domain}",
			lacks: "Image late-$domain does not exist",
			comes: "kind: Image\nmetadata: {name: late-$domain}\nspec: {name: registry.k8s.io/pause, tag: $domain}",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := crossNamespace(t)
			s.Cleanup(func() {
				for _, kind := range []string{"TrustDomain", "Site", "Image"} {
					s.forget(kind, "late-"+s.domain)
				}
			})
			s.apply("kind: Slice\nmetadata: {name: front}\nspec: {trustDomain: $domain}")
			s.apply("kind: " + test.kind + "\nmetadata: {name: waiting}\n" + test.manifest)
			s.unready(test.kind, "waiting", xosv1.ReasonReferenceNotFound, test.lacks)
			s.settled(0)
			mark := s.manager.Mark()
			require.Empty(t, s.settled(mark), "an object that waits is not retried")
			s.apply(test.comes)
			s.ready(test.kind, "waiting")
		})
	}
}

func TestTheSlicesPrincipalMayComeLate(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(`
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain, principal: account}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: front, imageReference: "registry.k8s.io/pause:3.9"}`)
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonReferenceNotFound, "Principal account")
	s.apply("kind: Principal\nmetadata: {name: account}\nspec: {trustDomain: $domain}")
	s.ready("KubernetesServiceInstance", "web")
	require.Equal(t, "account", testkit.Must(s, s.pods().Get, "web").Spec.ServiceAccountName)
}

func TestWhatATrustDomainDoesNotAdmitIsNotMade(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply("kind: TrustDomain\nmetadata: {name: $domain}\nspec: {allowedNamespaces: {from: Same}}")
	s.ready("TrustDomain", s.domain)
	s.apply(settings)
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonNotAdmitted, "TrustDomain $domain does not admit resources from namespace $home")
	s.settled(0)
	testkit.AwaitGone(s, s.configMaps().Get, "settings")

	s.apply(`
kind: TrustDomain
metadata: {name: $domain}
spec: {allowedNamespaces: {from: Selector, selector: {matchLabels: {team: a}}}}`)
	s.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: $home, labels: {team: a}}")
	s.ready("KubernetesConfigMap", "settings")
}

func TestAMissingTrustDomainIsReportedWhereNoneIsNamed(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply("kind: KubernetesConfigMap\nmetadata: {name: settings}\nspec: {data: {a: b}}")
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonReferenceNotFound, "no TrustDomain corresponds to namespace $home")
}

func TestAnImageOfAVirtualMachineIsNotRun(t *testing.T) {
	t.Parallel()
	s := sameNamespace(t)
	s.apply("kind: Image\nmetadata: {name: $domain-vm}\nspec: {name: example.org/disk, tag: $domain, kind: vm}")
	s.Cleanup(func() { s.forget("Image", s.domain+"-vm") })
	s.apply("kind: KubernetesServiceInstance\nmetadata: {name: web}\nspec: {image: $domain-vm}")
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonInvalid, "Image $domain-vm is of kind vm")
	testkit.AwaitGone(s, s.pods().Get, "web")
}

func TestAPrincipalOfAnotherTrustDomainIsRefused(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(`
kind: TrustDomain
metadata: {name: other-$domain}
spec: {allowedNamespaces: {from: All}}
---
kind: Principal
metadata: {name: account}
spec: {trustDomain: other-$domain}
---
kind: Slice
metadata: {name: front}
spec: {trustDomain: $domain, principal: account}`)
	s.Cleanup(func() { s.forget("TrustDomain", "other-"+s.domain) })
	s.unready("Slice", "front", xosv1.ReasonInvalid, "Principal account is in namespace other-$domain", "both must be of one TrustDomain")
}

// The slice is of no help here: it waits for something else too, so that its own
// readiness stays as it is.
func TestATrustDomainsArrivalIsNoticedByWhatIsInItsSlices(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	late := s.domain + "-late"
	s.apply(fmt.Sprintf(`
kind: Slice
metadata: {name: front}
spec: {trustDomain: %[1]s, site: $domain-nowhere, service: shop}
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec:
  slice: front
  imageReference: "registry.k8s.io/pause:3.9"
  template: {spec: {automountServiceAccountToken: false}}
---
kind: KubernetesConfigMap
metadata: {name: settings}
spec: {trustDomain: $domain, data: {color: blue}}
---
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {configMap: settings, slice: front, mountPath: /etc/settings}
---
kind: Service
metadata: {name: shop}
spec: {}
---
kind: ServicePort
metadata: {name: http}
spec: {service: shop, internalPort: 80}
`, late))
	missing := fmt.Sprintf("TrustDomain %s does not exist", late)
	s.unready("Slice", "front", xosv1.ReasonReferenceNotFound, missing)
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonReferenceNotFound, missing)
	s.unready("KubernetesConfigVolumeMount", "settings", xosv1.ReasonReferenceNotFound, missing)
	s.unready("Service", "shop", xosv1.ReasonReferenceNotFound, missing)
	s.ready("KubernetesConfigMap", "settings")
	s.settled(0, late)

	s.apply(fmt.Sprintf("kind: TrustDomain\nmetadata: {name: %s}\nspec: {allowedNamespaces: {from: All}}", late))
	s.Cleanup(func() { s.forget("TrustDomain", late) })
	s.unready("Slice", "front", xosv1.ReasonReferenceNotFound, "Site $domain-nowhere does not exist")
	s.ready("Service", "shop")
	s.unready("KubernetesConfigVolumeMount", "settings", xosv1.ReasonInvalid, "KubernetesConfigMap settings is in namespace $domain, the pods are in "+late)
	s.delete("KubernetesConfigVolumeMount", "settings")
	s.ready("KubernetesServiceInstance", "web")
}

// The instance is of no help here either: it waits for its image, before and after.
func TestASlicesArrivalIsNoticedByWhatIsMountedIntoItsInstances(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(settings + `
---
kind: KubernetesServiceInstance
metadata: {name: web}
spec: {slice: front, image: $domain-nowhere}
---
kind: KubernetesConfigVolumeMount
metadata: {name: settings}
spec: {configMap: settings, serviceInstance: web, mountPath: /etc/settings}`)
	s.ready("KubernetesConfigMap", "settings")
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonReferenceNotFound, "Slice front does not exist")
	s.unready("KubernetesConfigVolumeMount", "settings", xosv1.ReasonReferenceNotFound, "Slice front does not exist")
	s.settled(0)

	s.apply("kind: Slice\nmetadata: {name: front}\nspec: {trustDomain: $domain}")
	s.unready("KubernetesServiceInstance", "web", xosv1.ReasonReferenceNotFound, "Image $domain-nowhere does not exist")
	s.ready("KubernetesConfigVolumeMount", "settings")
}

func TestTheNamespaceOfADomainOnRecordIsNoticedWhenItComes(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	late := s.domain + "-late"
	s.apply(fmt.Sprintf("kind: TrustDomain\nmetadata: {name: %s}\nspec: {xosManaged: false, allowedNamespaces: {from: All}}", late))
	s.Cleanup(func() { s.forget("TrustDomain", late) })
	s.ready("TrustDomain", late)
	s.apply(fmt.Sprintf("kind: KubernetesConfigMap\nmetadata: {name: settings}\nspec: {trustDomain: %s, data: {color: blue}}", late))
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonReferenceNotFound, fmt.Sprintf("namespace %s of TrustDomain %[1]s is not there yet", late))
	s.settled(0, late)

	s.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: " + late + "}")
	s.Cleanup(func() { _ = s.kube.CoreV1().Namespaces().Delete(context.Background(), late, metav1.DeleteOptions{}) })
	s.unready("KubernetesConfigMap", "settings", xosv1.ReasonForbidden, fmt.Sprintf(`create ConfigMap %s/settings: configmaps "settings" is forbidden: `+
		`ValidatingAdmissionPolicy xos-controller-manager-fence denies it: the manager is fenced: `+
		`no managed TrustDomain has made or adopted namespace %[1]s; an administrator may open it by the label xos.opencord.org/fence: open`, late))
	s.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: " + late + ", labels: {xos.opencord.org/fence: open}}")
	s.ready("KubernetesConfigMap", "settings")
	testkit.Await(s, s.xos.XosV1().TrustDomains().Get, late, func(d *xosv1.TrustDomain) bool { return d.Status.Phase == "Active" })
}

// The domain is as ready when it has its namespace again as it was without it: only the
// namespace shows whether an object was reconciled in between.
func TestTheNamespaceOfADomainIsNoticedWhenItIsTheDomainsAgain(t *testing.T) {
	t.Parallel()
	s := crossNamespace(t)
	s.apply(slicedWeb + "---" + settings + "---" + `
kind: Service
metadata: {name: shop}
spec: {}
---
kind: Slice
metadata: {name: back}
spec: {trustDomain: $domain, service: shop}
---
kind: ServicePort
metadata: {name: http}
spec: {service: shop, internalPort: 80, exposure: ClusterIP}`)
	kinds := map[string]string{"KubernetesServiceInstance": "web", "KubernetesConfigMap": "settings", "Service": "shop"}
	for kind, name := range kinds {
		s.ready(kind, name)
	}
	s.apply("kind: TrustDomain\nmetadata: {name: $domain}\nspec: {xosManaged: false, allowedNamespaces: {from: All}}")
	s.awaitReady("TrustDomain", s.domain, func(c metav1.Condition) bool { return c.Reason == xosv1.ReasonInventoried })

	held := make(chan struct{})
	release := sync.OnceFunc(func() { close(held) })
	s.manager.Intercept(t, func(r transport.Request) transport.Fault {
		if r.Resource == "namespaces" && r.Name == s.domain && r.Mutates() {
			<-held
		}
		return nil
	})
	t.Cleanup(release)
	s.apply("kind: TrustDomain\nmetadata: {name: $domain}\nspec: {xosManaged: true, adopt: IfUnowned, allowedNamespaces: {from: All}}")
	for kind, name := range kinds {
		s.unready(kind, name, xosv1.ReasonReferenceNotFound, "namespace $domain is not TrustDomain $domain's")
	}
	release()
	for kind, name := range kinds {
		s.ready(kind, name)
	}
}
