package desired

import xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"

// ImageReference is an image as a pod spec takes it. A digest decides over a
// tag; where there is neither, none is invented.
func ImageReference(i *xosv1.Image) string {
	reference := i.Spec.Name
	if i.Spec.Tag != "" {
		reference += ":" + i.Spec.Tag
	}
	if i.Spec.Digest != "" {
		reference += "@" + i.Spec.Digest
	}
	return reference
}

// ImageIdentity is what no two Images may share.
func ImageIdentity(name, tag, digest string) string { return name + " " + tag + " " + digest }
