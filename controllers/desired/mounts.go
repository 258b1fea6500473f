package desired

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	corev1 "k8s.io/client-go/applyconfigurations/core/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// Mount is a config or secret volume mount, whichever of the two kinds it is.
type Mount struct {
	// Name is the mount object's name.
	Name string
	// ConfigMap or Secret is the source; the other one is empty.
	ConfigMap, Secret string
	Spec              xosv1.VolumeMount
}

// ConfigMount is the mount that a KubernetesConfigVolumeMount describes.
func ConfigMount(m *xosv1.KubernetesConfigVolumeMount) Mount {
	return Mount{Name: m.Name, ConfigMap: m.Spec.ConfigMap, Spec: m.Spec.VolumeMount}
}

// SecretMount is the mount that a KubernetesSecretVolumeMount describes.
func SecretMount(m *xosv1.KubernetesSecretVolumeMount) Mount {
	return Mount{Name: m.Name, Secret: m.Spec.Secret, Spec: m.Spec.VolumeMount}
}

// Overlap finds two mounts of which one lies in the other's path. The names
// tell a person which two; ok is false where there are none. In the order of their
// paths a mount is next to one that lies in it, where there is any, so that a pod
// with many mounts takes no time.
func Overlap(mounts []Mount) (first, second Mount, ok bool) {
	paths := make([]string, len(mounts))
	order := make([]int, len(mounts))
	for i, m := range mounts {
		paths[i], order[i] = below(m.Spec.MountPath), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(paths[a], paths[b]) })
	for i := 1; i < len(order); i++ {
		if a, b := order[i-1], order[i]; strings.HasPrefix(paths[b], paths[a]) {
			return mounts[min(a, b)], mounts[max(a, b)], true
		}
	}
	return Mount{}, Mount{}, false
}

// OverlapOf is Overlap where one of the two is a certain mount.
func OverlapOf(one Mount, mounts []Mount) (first, second Mount, ok bool) {
	itself := slices.IndexFunc(mounts, one.Same)
	if itself < 0 {
		return Mount{}, Mount{}, false
	}
	own := below(mounts[itself].Spec.MountPath)
	for i, other := range mounts {
		if path := below(other.Spec.MountPath); i != itself && (strings.HasPrefix(path, own) || strings.HasPrefix(own, path)) {
			return mounts[min(i, itself)], mounts[max(i, itself)], true
		}
	}
	return Mount{}, Mount{}, false
}

// below begins every path that is another one, or lies below it.
func below(mountPath string) string { return strings.TrimSuffix(path.Clean(mountPath), "/") + "/" }

// volumes makes the volumes and the places where they are mounted, in the order
// of the mounts' names. Mounts that want the same of the same source share one
// volume.
func volumes(mounts []Mount) ([]*corev1.VolumeApplyConfiguration, []*corev1.VolumeMountApplyConfiguration) {
	mounts = slices.Clone(mounts)
	slices.SortFunc(mounts, func(a, b Mount) int {
		return strings.Compare(a.Name+"/"+a.ConfigMap, b.Name+"/"+b.ConfigMap)
	})
	var vols []*corev1.VolumeApplyConfiguration
	var places []*corev1.VolumeMountApplyConfiguration
	made := map[string]bool{}
	for _, m := range mounts {
		name := m.volume()
		if !made[name] {
			made[name] = true
			vols = append(vols, m.source(name))
		}
		place := corev1.VolumeMount().WithName(name).WithMountPath(m.Spec.MountPath).
			WithReadOnly(m.Spec.ReadOnly == nil || *m.Spec.ReadOnly)
		if m.Spec.SubPath != "" {
			place.WithSubPath(m.Spec.SubPath)
		}
		places = append(places, place)
	}
	return vols, places
}

// volume names the volume by its source, and by what is special about it.
func (m Mount) volume() string {
	holds := "config-" + m.ConfigMap
	if m.Secret != "" {
		holds = "secret-" + m.Secret
	}
	if m.Spec.DefaultMode == nil && len(m.Spec.Items) == 0 {
		return volumeName(holds, "")
	}
	special := fmt.Sprint(m.mode())
	for _, item := range m.Spec.Items {
		special += fmt.Sprintf(" %q %q %d", item.Key, item.Path, m.itemMode(item))
	}
	return volumeName(holds, special)
}

// volumeName makes a volume's name, which is a DNS label, out of what it holds
// and what is special about that. It is plain where it can be. Any other ends
// with a hash of the whole, and so does one that looks as if it did: a name that
// was given is never one that was made.
func volumeName(holds, special string) string {
	if special == "" && len(validation.IsDNS1123Label(holds)) == 0 && !hashed.MatchString(holds) {
		return holds
	}
	return names.Append(names.Readable(holds), names.Hash(holds, special), validation.DNS1123LabelMaxLength)
}

// hashed matches names that end as if with a hash.
var hashed = regexp.MustCompile("-[0-9a-f]{8}$")

// defaultFileMode is Kubernetes' own default for files of both sources.
const defaultFileMode int32 = 0o644

func (m Mount) mode() int32 {
	if m.Spec.DefaultMode != nil {
		return *m.Spec.DefaultMode
	}
	return defaultFileMode
}

func (m Mount) itemMode(item xosv1.MountItem) int32 {
	if item.Mode != nil {
		return *item.Mode
	}
	return m.mode()
}

func (m Mount) source(name string) *corev1.VolumeApplyConfiguration {
	var items []*corev1.KeyToPathApplyConfiguration
	for _, item := range m.Spec.Items {
		i := corev1.KeyToPath().WithKey(item.Key).WithPath(item.Path)
		if item.Mode != nil {
			i.WithMode(*item.Mode)
		}
		items = append(items, i)
	}
	if m.Secret != "" {
		return corev1.Volume().WithName(name).WithSecret(
			corev1.SecretVolumeSource().WithSecretName(m.Secret).WithDefaultMode(m.mode()).WithItems(items...))
	}
	return corev1.Volume().WithName(name).WithConfigMap(
		corev1.ConfigMapVolumeSource().WithName(m.ConfigMap).WithDefaultMode(m.mode()).WithItems(items...))
}

// Title names a mount for a person, with its kind.
func (m Mount) Title() string {
	if m.Secret != "" {
		return "KubernetesSecretVolumeMount " + m.Name
	}
	return "KubernetesConfigVolumeMount " + m.Name
}

// Same says whether both are the same mount object.
func (m Mount) Same(other Mount) bool {
	return m.Name == other.Name && (m.Secret == "") == (other.Secret == "")
}
