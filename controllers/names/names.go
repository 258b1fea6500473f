package names

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// hashLength is the number of characters of a hash.
const hashLength = 8

// Hash identifies texts, in order; ("a", "b") and ("ab") differ.
func Hash(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:])[:hashLength]
}

// Fit is a name of at most so many characters: the name itself where it fits,
// otherwise its beginning and a hash of the whole.
func Fit(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	return Append(name, Hash(name), limit)
}

// Append appends an ending to a name, which is cut where there is no room. An ending
// that would leave no room becomes a hash itself.
func Append(name, ending string, limit int) string {
	if len(ending) > limit/2 {
		ending = Hash(ending)
	}
	name = strings.TrimRight(name[:min(len(name), limit-len(ending)-1)], "-._")
	if name == "" {
		return ending
	}
	return name + "-" + ending
}

// Label makes a DNS label, which any object may be called by, out of any text: the
// text itself where it is one, otherwise what is readable of it and a hash of the
// whole.
func Label(text string) string {
	if len(validation.IsDNS1123Label(text)) == 0 {
		return text
	}
	return Append(Readable(text), Hash(text), validation.DNS1123LabelMaxLength)
}

// Readable keeps the letters and digits of a text, in lower case, and puts one
// dash for whatever is between them.
func Readable(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimRight(b.String(), "-")
}
