package record

import (
	"strings"

	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/names"
)

// ImageReference is a container image taken apart.
type ImageReference struct{ Name, Tag, Digest string }

// maxImagePart is the API's bound on each part of an Image.
const maxImagePart = 1024

// ParseImage takes an image apart as runtimes do: what follows '@' is the digest,
// what follows a ':' behind the last '/' is the tag; a ':' before it belongs to
// the registry's port. A tag that is not there is not invented. What can't be
// taken apart, because nothing would be left for the name, is a name as a whole.
// It returns false for what can't be recorded.
func ParseImage(reference string) (ImageReference, bool) {
	// Images are not bound to be UTF-8, and the JSON of an Image is.
	ref := ImageReference{Name: strings.ToValidUTF8(reference, "\uFFFD")}
	if name, digest, found := strings.Cut(ref.Name, "@"); found && name != "" {
		ref.Name, ref.Digest = name, digest
	}
	if colon := strings.LastIndexByte(ref.Name, ':'); colon > strings.LastIndexByte(ref.Name, '/')+1 {
		ref.Name, ref.Tag = ref.Name[:colon], ref.Name[colon+1:]
	}
	recordable := ref.Name != "" && len(ref.Name) <= maxImagePart && len(ref.Tag) <= maxImagePart && len(ref.Digest) <= maxImagePart
	return ref, recordable
}

// Identity is what no two Images may share.
func (r ImageReference) Identity() string { return desired.ImageIdentity(r.Name, r.Tag, r.Digest) }

// ObjectName is the name of the Image: its last part and its tag, for people, and
// a hash of it all.
func (r ImageReference) ObjectName() string {
	last := r.Name[strings.LastIndexByte(strings.TrimRight(r.Name, "/"), '/')+1:]
	return names.Append(names.Readable(last+"-"+r.Tag), names.Hash(r.Name, r.Tag, r.Digest), MaxName)
}
