package desired

import xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"

// ImageReference returns an image in the form of a pod spec. A digest takes precedence over a tag;
// if there is neither, none is added.
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

// IdentityOf identifies what an Image stands for: no two Images may share it.
func IdentityOf(i *xosv1.Image) string {
	return ImageIdentity(i.Spec.Name, i.Spec.Tag, i.Spec.Digest)
}

// ImageIdentity identifies an image: no two Images may share it.
func ImageIdentity(name, tag, digest string) string { return name + " " + tag + " " + digest }
