package controllers

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// mountedRevision identifies the contents that the mounts of a slice bring into its pods, if a
// change of them is to replace the pods, and is empty otherwise. It covers contents alone: the
// name, owner and deletion policy of a source do not replace pods.
//
// Pods that are created before the native objects hold the new contents would start with the old
// ones. Until then the revision remains that of the workload, as it does while another client's
// change of a native object is not repaired. A workload that does not exist yet is not delayed:
// its revision is that of the desired contents.
func mountedRevision(c *cluster.Cluster, in desired.SliceInput, had func() (revision string, found bool)) string {
	if !in.Slice.Spec.RolloutOnChange || neverReplacesPods(in.Slice.Spec.ControllerKind) {
		return ""
	}
	contents, settled := make([]string, 0, len(in.Mounts)), true
	for _, m := range in.Mounts {
		text, there := mountedContent(c, in, m)
		contents, settled = append(contents, text), settled && there
	}
	if revision, found := had(); found && !settled {
		return revision
	}
	return desired.Revision(contents)
}

// mountedContent identifies what a mount will bring into pods. there reports that the native
// object holds exactly that; it is false too while that is unknown.
func mountedContent(c *cluster.Cluster, in desired.SliceInput, m desired.Mount) (text string, there bool) {
	var source xosv1.Object
	var live, wanted map[string][]byte
	if m.ConfigMap != "" {
		if config, ok := c.KubernetesConfigMaps.Get(cache.NewObjectName(in.Slice.Namespace, m.ConfigMap)); ok {
			want := desired.ConfigMap(config, in.Namespace)
			source, wanted = config, desired.Contents(want.Data, want.BinaryData)
		}
		if native, ok := c.ConfigMaps.Get(cache.NewObjectName(in.Namespace, m.ConfigMap)); ok {
			live = desired.Contents(native.Data, native.BinaryData)
		}
	} else {
		if secret, ok := c.KubernetesSecrets.Get(cache.NewObjectName(in.Slice.Namespace, m.Secret)); ok {
			if sources, err := readSources(c, secret, in.Namespace); err == nil {
				source, wanted = secret, desired.Secret(secret, in.Namespace, sources).Data
			}
		}
		if native, ok := c.Secrets.Get(cache.NewObjectName(in.Namespace, m.Secret)); ok {
			live = native.Data
		}
	}
	return m.Content(wanted), source != nil && isApplied(source) && desired.Holds(live, wanted)
}

// isApplied returns whether the current spec of a source was applied to its native object.
func isApplied(source xosv1.Object) bool {
	return status.IsReady(source) && source.GetObjectStatus().ObservedGeneration == source.GetGeneration()
}
