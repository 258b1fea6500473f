package desired

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// hashLength is the number of characters of a hash that ends a shortened name.
const hashLength = 8

// LabelValue makes a label's value out of an object's name: the name itself
// where it fits, otherwise its beginning and a hash of the whole, so that two
// long names stay two values.
func LabelValue(name string) string {
	return shorten(name, validation.LabelValueMaxLength)
}

// volumeName makes a volume's name, which is a DNS label, out of what it holds.
func volumeName(parts ...string) string {
	name := strings.ReplaceAll(strings.Join(parts, "-"), ".", "-")
	if plain := strings.Join(parts, "-"); plain != name {
		// "a.b" and "a-b" must not share a volume.
		name += "-" + hash(plain)
	}
	return shorten(name, validation.DNS1123LabelMaxLength)
}

func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	return strings.TrimRight(name[:limit-hashLength-1], "-._") + "-" + hash(name)
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])[:hashLength]
}
