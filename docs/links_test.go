package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
)

// TestLinksLeadSomewhere follows each link of a document to a file of this repository, and to the
// heading that it names there.
func TestLinksLeadSomewhere(t *testing.T) {
	followed := 0
	for _, document := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(prose(t, document), -1) {
			target, anchor, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			followed++
			file := document
			if target != "" {
				file = filepath.Join(filepath.Dir(document), target)
			}
			if _, err := os.Stat(file); !assert.NoError(t, err, "%s links to %s", document, match[1]) || anchor == "" {
				continue
			}
			assert.Contains(t, anchors(prose(t, file)), anchor, "%s links to %s, which has no such heading", document, match[1])
		}
	}
	assert.NotZero(t, followed)
}

// documents are the pages of Markdown for people, as paths from here.
func documents(t *testing.T) []string {
	t.Helper()
	all := []string{"../README.md", "../CONTRIBUTING.md", "../examples/integration/README.md"}
	for _, pattern := range []string{"*.md", "decisions/*.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		all = append(all, found...)
	}
	return all
}

// prose is a document without its blocks of code.
func prose(t *testing.T, document string) string {
	t.Helper()
	return fenced.ReplaceAllString(read(t, document), "")
}

// anchors are those of the headings, as GitHub makes them.
func anchors(text string) []string {
	var all []string
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, slug(match[1]))
	}
	return all
}

var notInSlug = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)

func slug(heading string) string {
	return strings.ReplaceAll(notInSlug.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}
