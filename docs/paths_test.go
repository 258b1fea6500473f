package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// former are paths that a decision names as they were before it.
var former = map[string]bool{"test/plane": true}

// TestPathsExist looks up each path of the code that a document names.
func TestPathsExist(t *testing.T) {
	path := regexp.MustCompile("`((?:apis|cmd|controllers|deploy|examples|hack|pull|test)/[A-Za-z0-9_/.-]*)`")
	named := 0
	for _, document := range documents(t) {
		for _, match := range path.FindAllStringSubmatch(read(t, document), -1) {
			named++
			if p := strings.TrimSuffix(match[1], "/"); !former[p] {
				_, err := os.Stat(filepath.Join("..", p))
				assert.NoError(t, err, "%s names %s", document, p)
			}
		}
	}
	assert.NotZero(t, named)
}
