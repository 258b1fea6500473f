package decode

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned/scheme"
)

func newDecoder() runtime.Decoder {
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeJSON)
	return ObjectByObject(scheme.Codecs.WithoutConversion(), scheme.Scheme).DecoderToVersion(info.Serializer, nil)
}

// instance is the JSON of an instance with this spec.
func instance(name, spec string) string {
	return fmt.Sprintf(`{"apiVersion": "xos.opencord.org/v1", "kind": "KubernetesServiceInstance",
		"metadata": {"name": %q, "namespace": "shop", "uid": "u-%s", "resourceVersion": "7"},
		"spec": %s, "status": {"observedGeneration": 3, "backendHandle": "/api/v1/namespaces/shop/pods/%s"}}`, name, name, spec, name)
}

func decodeInstance(t *testing.T, data string) *xosv1.KubernetesServiceInstance {
	t.Helper()
	object, _, err := newDecoder().Decode([]byte(data), nil, nil)
	require.NoError(t, err)
	require.IsType(t, &xosv1.KubernetesServiceInstance{}, object)
	return object.(*xosv1.KubernetesServiceInstance)
}

func container(fields string) string {
	return `{"xosManaged": true, "slice": "web", "deletionPolicy": "Delete", "template": {"spec": {"containers": [{"name": "a", "image": "nginx", ` + fields + `}]}}}`
}

func TestAnObjectThatCantBeDecodedNamesItsFields(t *testing.T) {
	tests := map[string]struct{ spec, want string }{
		"a port": {container(`"ports": [{"containerPort": 80}, {"containerPort": 99999999999}]`),
			"spec.template.spec.containers[0].ports[1].containerPort is not a value of type int32"},
		"a quantity": {container(`"resources": {"limits": {"cpu": "1e1.5", "memory": "1Gi"}}`),
			"spec.template.spec.containers[0].resources.limits[cpu] is not a value of type resource.Quantity"},
		"a quantity that takes minutes": {container(`"resources": {"limits": {"cpu": "1e-99999999"}}`),
			"spec.template.spec.containers[0].resources.limits[cpu] is not a value of type resource.Quantity"},
		"a port by name or number": {container(`"livenessProbe": {"httpGet": {"port": 9999999999}}`),
			"spec.template.spec.containers[0].livenessProbe.httpGet.port is not a value of type intstr.IntOrString"},
		"two": {container(`"stdin": "yes", "args": [5]`),
			"spec.template.spec.containers[0].args[0] is not a value of type string, spec.template.spec.containers[0].stdin is not a value of type bool"},
		"many": {`{"slice": 1, "image": 2, "owner": 3, "env": 4, "suspend": 5}`, ", and 2 more"},
		"all":  {`"none"`, "spec is not a value of type v1.KubernetesServiceInstanceSpec"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			started := time.Now()
			o := decodeInstance(t, instance("a", test.spec))
			require.Less(t, time.Since(started), 2*time.Second)
			require.Contains(t, o.Status.Undecodable, test.want)
			require.Equal(t, metav1.ObjectMeta{Name: "a", Namespace: "shop", UID: "u-a", ResourceVersion: "7"}, o.ObjectMeta)
			require.Equal(t, int64(3), o.Status.ObservedGeneration, "the rest of the object is lost")
		})
	}
}

func TestAnObjectWhosePolicyCantBeReadKeepsItsChildren(t *testing.T) {
	policies := map[string]xosv1.DeletionPolicy{
		container(`"stdin": "yes"`):                     xosv1.DeletionPolicyDelete,
		`{"slice": "web", "suspend": "yes"}`:            "",
		`{"slice": "web", "deletionPolicy": 5}`:         xosv1.DeletionPolicyOrphan,
		`{"xosManaged": 0, "deletionPolicy": "Delete"}`: xosv1.DeletionPolicyOrphan,
		`7`: xosv1.DeletionPolicyOrphan,
	}
	for spec, want := range policies {
		o := decodeInstance(t, instance("a", spec))
		require.NotEmpty(t, o.Status.Undecodable, spec)
		require.Equal(t, want, o.Spec.DeletionPolicy, spec)
	}
}

func TestAListIsDecodedObjectByObject(t *testing.T) {
	poison := instance("poison", container(`"ports": [{"containerPort": 99999999999}]`))
	slow := instance("slow", container(`"resources": {"limits": {"cpu": "1e-99999999"}}`))
	for name, bad := range map[string]string{"poison": poison, "slow": slow} {
		data := fmt.Sprintf(`{"apiVersion": "xos.opencord.org/v1", "kind": "KubernetesServiceInstanceList", "metadata": {"resourceVersion": "9", "continue": "more"},
			"items": [%s, %s, %s]}`, instance("a", container(`"stdin": true`)), bad, instance("b", container(`"tty": true`)))
		list := &xosv1.KubernetesServiceInstanceList{}
		into, _, err := newDecoder().Decode([]byte(data), nil, list)
		require.NoError(t, err)
		require.Same(t, list, into)
		require.Equal(t, "9", list.ResourceVersion)
		require.Equal(t, "more", list.Continue)
		require.Len(t, list.Items, 3)
		require.Equal(t, []string{"a", name, "b"}, []string{list.Items[0].Name, list.Items[1].Name, list.Items[2].Name})
		require.Empty(t, list.Items[0].Status.Undecodable)
		require.NotEmpty(t, list.Items[1].Status.Undecodable)
		require.Empty(t, list.Items[2].Status.Undecodable)
		require.True(t, list.Items[2].Spec.Template.Spec.Containers[0].TTY)
	}
}

func TestATextThatLooksLikeALongNumberIsDecoded(t *testing.T) {
	o := decodeInstance(t, instance("a", container(`"args": ["12e4567890", "`+strings.Repeat("3", 1000)+`"]`)))
	require.Empty(t, o.Status.Undecodable)
	require.Equal(t, "12e4567890", o.Spec.Template.Spec.Containers[0].Args[0])
	require.Equal(t, "nginx", o.Spec.Template.Spec.Containers[0].Image)
}

func TestWhatIsNoObjectIsAnError(t *testing.T) {
	for _, data := range []string{"", "{", "[]", `{"kind": "KubernetesServiceInstance", "apiVersion": "xos.opencord.org/v1", "spec": 5}`} {
		_, _, err := newDecoder().Decode([]byte(data), nil, nil)
		require.Error(t, err, data)
	}
}

func TestUndecodableIsNeverSentNorRead(t *testing.T) {
	o := decodeInstance(t, strings.Replace(instance("a", `{}`), `"observedGeneration": 3`, `"Undecodable": "forged", "undecodable": "forged"`, 1))
	require.Empty(t, o.Status.Undecodable)
	o.Status.Undecodable = "secret"
	data, err := json.Marshal(o)
	require.NoError(t, err)
	require.NotContains(t, string(data), "secret")
}

func TestSlowNumbers(t *testing.T) {
	slow := []string{`"1e-99999999"`, `"1E+99999"`, `"-.5e12345"`, `1e9999`, `[" 1.5e99999 "]`, `"` + strings.Repeat("9", maxDigits+1) + `"`, `1e1234`, `"x","1e1234"`}
	quick := []string{`"1e-999"`, `"12e4567abc"`, `"e12345"`, `"v1e12345"`, `"1.2e3"`, `12345678`, `"2026-01-01T12:00:00Z"`, ``, `1`}
	for _, padding := range []string{"", " ", "  ", "   "} {
		for _, data := range slow {
			require.True(t, isSlow([]byte(padding+data)), data)
		}
		for _, data := range quick {
			require.False(t, isSlow([]byte(padding+data)), data)
		}
	}
}

// BenchmarkList decodes 10,000 config maps, as the client's own decoder does and
// as this one does.
func BenchmarkList(b *testing.B) {
	list := xosv1.KubernetesConfigMapList{TypeMeta: metav1.TypeMeta{APIVersion: "xos.opencord.org/v1", Kind: "KubernetesConfigMapList"}}
	for i := range 10_000 {
		list.Items = append(list.Items, xosv1.KubernetesConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("settings-%d", i), Namespace: "shop", UID: "8b9dbb30-0b5e-4a5c-a9a7-2f5bfb0d1e3d", ResourceVersion: "123456"},
			Spec:       xosv1.KubernetesConfigMapSpec{Data: map[string]string{"a": strings.Repeat("lorem ipsum ", 20), "digest": "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea"}},
		})
	}
	data, err := json.Marshal(list)
	require.NoError(b, err)
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeJSON)
	plain := scheme.Codecs.WithoutConversion().DecoderToVersion(info.Serializer, nil)
	for name, d := range map[string]runtime.Decoder{"plain": plain, "object by object": newDecoder()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := d.Decode(data, nil, &xosv1.KubernetesConfigMapList{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestWhatTheAPIServerWritesIsDecodedAsByTheLibrary(t *testing.T) {
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeJSON)
	library := scheme.Codecs.WithoutConversion().DecoderToVersion(info.Serializer, nil)
	const object = `{"apiVersion":"xos.opencord.org/v1","kind":"Site","metadata":{"name":"a","generation":3,"labels":{"kind":"x"}},"spec":{"siteUrl":"u","Enabled":true}}`
	for sentence, data := range map[string]string{
		"an object":               object,
		"a list":                  `{"apiVersion":"xos.opencord.org/v1","items":[` + object + `],"kind":"SiteList","metadata":{"resourceVersion":"7"}}`,
		"a list that begins so":   `{"apiVersion":"xos.opencord.org/v1","kind":"SiteList","items":[` + object + `],"metadata":{"resourceVersion":"7"}}`,
		"one of another group":    `{"apiVersion":"v1","kind":"Status","metadata":{},"status":"Failure","code":409}`,
		"one of a kind not known": `{"apiVersion":"xos.opencord.org/v1","kind":"Cat","metadata":{"name":"a"}}`,
		"no object":               `{"apiVersion":"xos.opencord.org/v1","kind":"Site","metadata":[]}`,
	} {
		for _, into := range []func() runtime.Object{
			func() runtime.Object { return nil },
			func() runtime.Object { return &xosv1.Site{} },
			func() runtime.Object { return &xosv1.Image{} },
			func() runtime.Object { return &xosv1.SiteList{} },
		} {
			want, kind, wantErr := library.Decode([]byte(data), nil, into())
			given := into()
			got, gotKind, err := newDecoder().Decode([]byte(data), nil, given)
			if wantErr != nil {
				continue // which may be mended
			}
			require.NoError(t, err, sentence)
			require.Equal(t, want, got, sentence)
			require.Equal(t, kind, gotKind, sentence)
		}
	}
}
