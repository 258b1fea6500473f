package desired

import (
	"maps"

	corev1api "k8s.io/api/core/v1"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// ConfigMap returns the native ConfigMap of a KubernetesConfigMap.
func ConfigMap(m *xosv1.KubernetesConfigMap, namespace string) *corev1.ConfigMapApplyConfiguration {
	config := corev1.ConfigMap(m.Name, namespace).
		WithData(m.Spec.Data).
		WithBinaryData(m.Spec.BinaryData)
	if m.Spec.Immutable {
		config.WithImmutable(true)
	}
	return config
}

// Secret returns the native Secret of a KubernetesSecret. sources holds the data of each Secret
// that dataFrom names, by its name. A key of data or stringData takes precedence over a copied
// one.
func Secret(s *xosv1.KubernetesSecret, namespace string, sources map[string]map[string][]byte) *corev1.SecretApplyConfiguration {
	data := map[string][]byte{}
	for _, from := range s.Spec.DataFrom {
		take(data, from, sources[from.Name])
	}
	maps.Copy(data, s.Spec.Data)
	for key, value := range s.Spec.StringData {
		data[key] = []byte(value)
	}
	kind := s.Spec.Type
	if kind == "" {
		kind = corev1api.SecretTypeOpaque
	}
	secret := corev1.Secret(s.Name, namespace).WithType(kind).WithData(data)
	if s.Spec.Immutable {
		secret.WithImmutable(true)
	}
	return secret
}

// take copies the keys of a source that a spec asks for.
func take(into map[string][]byte, from xosv1.SecretSource, source map[string][]byte) {
	if len(from.Items) == 0 {
		maps.Copy(into, source)
		return
	}
	for _, item := range from.Items {
		as := item.As
		if as == "" {
			as = item.Key
		}
		into[as] = source[item.Key]
	}
}

// MissingKeys returns the keys that a spec asks for and a source does not have.
func MissingKeys(from xosv1.SecretSource, source map[string][]byte) []string {
	var missing []string
	for _, item := range from.Items {
		if _, ok := source[item.Key]; !ok {
			missing = append(missing, item.Key)
		}
	}
	return missing
}
