package controllers

import (
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/status"
)

// mountedRevision identifies what the mounts of a slice bring into its pods, where a
// change of that is to replace them; empty where it is not. It tells of contents alone:
// what an object is called by, who owns it and how it is deleted are no reason.
//
// Pods that are made before the native objects hold the new contents would start with
// the old ones. Until then the revision stays what the workload has, as it does while
// somebody else's change of a native object has not been set right. A workload that is
// yet to be made is not held up: its revision is that of what is to come.
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

// mountedContent identifies what a mount is to bring into pods. there says that the
// native object holds just that; it is false too while that is not known.
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

// isApplied says whether a source's native object was brought to what the spec says now.
func isApplied(source xosv1.Object) bool {
	return status.IsReady(source) && source.GetObjectStatus().ObservedGeneration == source.GetGeneration()
}
