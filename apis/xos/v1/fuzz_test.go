package v1_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

func FuzzImage(f *testing.F)                       { fuzzKind(f, "Image") }
func FuzzKubernetesConfigMap(f *testing.F)         { fuzzKind(f, "KubernetesConfigMap") }
func FuzzKubernetesConfigVolumeMount(f *testing.F) { fuzzKind(f, "KubernetesConfigVolumeMount") }
func FuzzKubernetesNode(f *testing.F)              { fuzzKind(f, "KubernetesNode") }
func FuzzKubernetesResourceInstance(f *testing.F)  { fuzzKind(f, "KubernetesResourceInstance") }
func FuzzKubernetesSecret(f *testing.F)            { fuzzKind(f, "KubernetesSecret") }
func FuzzKubernetesSecretVolumeMount(f *testing.F) { fuzzKind(f, "KubernetesSecretVolumeMount") }
func FuzzKubernetesService(f *testing.F)           { fuzzKind(f, "KubernetesService") }
func FuzzKubernetesServiceInstance(f *testing.F)   { fuzzKind(f, "KubernetesServiceInstance") }
func FuzzPrincipal(f *testing.F)                   { fuzzKind(f, "Principal") }
func FuzzService(f *testing.F)                     { fuzzKind(f, "Service") }
func FuzzServicePort(f *testing.F)                 { fuzzKind(f, "ServicePort") }
func FuzzSite(f *testing.F)                        { fuzzKind(f, "Site") }
func FuzzSlice(f *testing.F)                       { fuzzKind(f, "Slice") }
func FuzzTrustDomain(f *testing.F)                 { fuzzKind(f, "TrustDomain") }

// fuzzKind puts any value at any place of a kind's schema: what the schema admits
// has to decode. The seeds are edges of the schema, some of them each time the
// suite runs; "make fuzz" goes on from there for as long as it is let.
func fuzzKind(f *testing.F, kind string) {
	f.Helper()
	const seeds = 64
	a := newAdmission(f, kind, crds(f)[kind])
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same seeds each time
	for range seeds {
		at := random.IntN(len(a.spots))
		values := edges(a.spots[at].schema)
		f.Add(uint16(at), string(values[random.IntN(len(values))]))
	}
	f.Fuzz(func(t *testing.T, at uint16, value string) {
		where := a.spots[int(at)%len(a.spots)]
		for _, raw := range []string{value, quote(value)} {
			if !json.Valid([]byte(raw)) {
				continue
			}
			if data, err := a.object(where, json.RawMessage(raw)); err == nil {
				a.put(t, data)
			}
		}
	})
}

func TestEveryKindIsFuzzed(t *testing.T) {
	fuzzed := map[string]func(*testing.F){
		"Image": FuzzImage, "KubernetesConfigMap": FuzzKubernetesConfigMap, "KubernetesConfigVolumeMount": FuzzKubernetesConfigVolumeMount,
		"KubernetesNode": FuzzKubernetesNode, "KubernetesResourceInstance": FuzzKubernetesResourceInstance, "KubernetesSecret": FuzzKubernetesSecret,
		"KubernetesSecretVolumeMount": FuzzKubernetesSecretVolumeMount, "KubernetesService": FuzzKubernetesService,
		"KubernetesServiceInstance": FuzzKubernetesServiceInstance, "Principal": FuzzPrincipal, "Service": FuzzService,
		"ServicePort": FuzzServicePort, "Site": FuzzSite, "Slice": FuzzSlice, "TrustDomain": FuzzTrustDomain,
	}
	for kind := range kinds(t) {
		if fuzzed[kind] == nil {
			t.Errorf("%s has no fuzz test", kind)
		}
	}
}
