package desired

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// hashLength is the number of characters of a hash that ends a shortened name.
const hashLength = 8

// volumeName makes a volume's name, which is a DNS label, out of what it holds
// and what is special about that. It is plain where it can be. Any other ends
// with a hash of the whole, and so does one that looks as if it did: a name that
// was given is never one that was made.
func volumeName(holds, special string) string {
	label := strings.ReplaceAll(holds, ".", "-")
	if label == holds && special == "" && len(label) <= validation.DNS1123LabelMaxLength && !hashed.MatchString(label) {
		return label
	}
	return cut(label, validation.DNS1123LabelMaxLength-hashLength-1) + "-" + hash(holds+"\n"+special)
}

// hashed matches names that end as if with a hash.
var hashed = regexp.MustCompile("-[0-9a-f]{8}$")

func shorten(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	return cut(name, limit-hashLength-1) + "-" + hash(name)
}

// cut is a name's beginning, without punctuation at its end.
func cut(name string, limit int) string {
	return strings.TrimRight(name[:min(limit, len(name))], "-._")
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])[:hashLength]
}
