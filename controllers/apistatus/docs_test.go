package apistatus_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var row = regexp.MustCompile("(?m)^\\| `([A-Za-z]+)` \\| `([^`]+)` \\|")

// The first table of the section holds what is read from recorded answers; the messages
// of the second are those of controllers/manifest and its applier, whose tests expect
// them word for word.
func TestEachRefusalThatTheDocumentationShowsIsOne(t *testing.T) {
	page, err := os.ReadFile("../../docs/kinds.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "### When something is refused\n")
	require.True(t, found)
	section, _, found = strings.Cut(section, "Of blobs, besides:")
	require.True(t, found)
	rows := row.FindAllStringSubmatch(section, -1)
	require.GreaterOrEqual(t, len(rows), 20)
	for _, r := range rows {
		shown := false
		for _, answer := range answers {
			shown = shown || (answer.Reason == r[1] && strings.Contains(answer.Text, r[2]))
		}
		assert.True(t, shown, "%s: %s", r[1], r[2])
	}
}
