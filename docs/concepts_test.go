package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestThePictureOfTheKindsIsThatOfTheTypes compares the references in the picture of docs/concepts.md,
// and the kinds in its table, with the picture in the package comment of the types.
func TestThePictureOfTheKindsIsThatOfTheTypes(t *testing.T) {
	var want []string
	kinds := map[string]bool{}
	relation := regexp.MustCompile(`(?m)^//\t(\w+)\s+◄─ (\w+) ─+ (.+)$`)
	for _, row := range relation.FindAllStringSubmatch(read(t, "../apis/xos/v1/doc.go"), -1) {
		kinds[row[1]] = true
		for referrer := range strings.SplitSeq(row[3], ", ") {
			kinds[referrer] = true
			want = append(want, referrer+" "+row[2]+" "+row[1])
		}
	}
	require.NotEmpty(t, want)

	page := read(t, "concepts.md")
	var shown []string
	for _, row := range regexp.MustCompile(`(?m)^  ([A-Z]\w+) -->\|(\w+)\| (\w+)$`).FindAllStringSubmatch(page, -1) {
		shown = append(shown, strings.Join(row[1:], " "))
	}
	slices.Sort(want)
	slices.Sort(shown)
	assert.Equal(t, want, shown)

	tabled := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]* \\| [^|]* \\| [^|]*\\|$").FindAllStringSubmatch(page, -1) {
		tabled[row[1]] = true
	}
	assert.Equal(t, kinds, tabled)
}
