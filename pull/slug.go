package pull

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// hashLength is the number of characters of the hash that ends a made-up name.
const hashLength = 8

// maxName is how long a made-up name may be: as long as a label's value, so that
// the object can be handed over to XOS, which marks pods with it.
const maxName = validation.DNS1123LabelMaxLength

// slug makes a legal object name out of any text: the text itself where it is
// one, otherwise what is left of it and a hash of the whole, so that two texts
// never share a name for being alike.
func slug(text string) string {
	if len(validation.IsDNS1123Label(text)) == 0 {
		return text
	}
	return suffixed(readable(text), hash(text))
}

// suffixed appends to a name, and shortens the name where there is no room, or
// the suffix where it would leave none.
func suffixed(name, suffix string) string {
	if len(suffix) > maxName/2 {
		suffix = hash(suffix)
	}
	if room := maxName - len(suffix) - 1; len(name) > room {
		name = name[:room]
	}
	if name = strings.Trim(name, "-"); name == "" {
		return suffix
	}
	return name + "-" + suffix
}

// readable keeps the letters and digits of a text, in lower case, and puts one
// dash for whatever is between them.
func readable(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// hash identifies texts, in order; ("a", "b") and ("ab") differ.
func hash(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:])[:hashLength]
}
