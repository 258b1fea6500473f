package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEachReasonHasAnEntry compares the constants of the API with the entries of the page.
func TestEachReasonHasAnEntry(t *testing.T) {
	_, section, found := strings.Cut(read(t, "troubleshooting.md"), "\n# Reasons\n")
	require.True(t, found)
	documented := map[string]bool{}
	for _, entry := range regexp.MustCompile("(?m)^### `(\\w+)`$").FindAllStringSubmatch(section, -1) {
		documented[entry[1]] = true
	}
	defined := map[string]bool{}
	for _, file := range sources(t, "../apis/xos/v1") {
		for name, value := range constants(t, file) {
			if strings.HasPrefix(name, "Reason") {
				defined[value] = true
			}
		}
	}
	require.NotEmpty(t, defined)
	assert.Equal(t, defined, documented, "the entries of docs/troubleshooting.md, and the constants Reason* of apis/xos/v1")
	// Each says where to look and what to do.
	for _, entry := range strings.Split(section, "\n### ")[1:] {
		name, text, _ := strings.Cut(entry, "\n")
		assert.Contains(t, text, "- **Look at**", name)
		assert.Contains(t, text, "- **Do**", name)
	}
}

// TestEachMessageIsOneOfOurs finds what the page has a user look for among the texts of the code.
func TestEachMessageIsOneOfOurs(t *testing.T) {
	var texts []text
	for _, root := range []string{"../controllers", "../pull", "../cmd"} {
		for _, file := range sources(t, root) {
			texts = append(texts, messages(t, file)...)
		}
	}
	for _, file := range sources(t, "../apis/xos/v1") {
		for _, rule := range regexp.MustCompile(`message="([^"]+)"`).FindAllStringSubmatch(read(t, file), -1) {
			texts = append(texts, newText([]string{rule[1]}))
		}
	}
	rows := messageRow.FindAllStringSubmatch(read(t, "troubleshooting.md"), -1)
	require.Greater(t, len(rows), 60)
	for _, row := range rows {
		assert.Greater(t, known(row[1], texts), 0.35, "docs/troubleshooting.md quotes what nothing reports: %s", row[1])
	}
}

// known is how much of a message consists of some of the texts; nothing, where its beginning does
// not, unless that is left out. The rest is of others: the API server's, a broker's or the kubelet's words.
func known(message string, texts []text) float64 {
	covered := make([]bool, len(message))
	for _, text := range texts {
		if !strings.Contains(message, text.longest) {
			continue // which is found out faster
		}
		for _, span := range text.whole.FindAllStringIndex(message, -1) {
			for i := span[0]; i < span[1]; i++ {
				covered[i] = true
			}
		}
	}
	if !covered[0] && !strings.HasPrefix(message, "...") {
		return 0
	}
	count := 0
	for _, c := range covered {
		if c {
			count++
		}
	}
	return float64(count) / float64(len(message))
}

// messageRow is a row of a table whose first column is a message.
var messageRow = regexp.MustCompile("(?m)^\\| `([^`]+)`(?: \\.\\.\\.)? \\| [^|]*\\|$")

// sources are the files of Go below a directory that are no tests.
func sources(t *testing.T, root string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files = append(files, path)
		}
		return err
	}))
	return files
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	require.NoError(t, err)
	return parsed
}

// constants are the texts that a file gives names.
func constants(t *testing.T, file string) map[string]string {
	t.Helper()
	named := map[string]string{}
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
			for i, name := range spec.Names {
				if text, ok := literal(spec.Values[i]); ok {
					named[name.Name] = text
				}
			}
		}
		return true
	})
	return named
}

// leastText is how long a text has to be, without what is inserted, to be recognized.
const leastText = 12

// inserted is what stands for a value in a text: a verb of package fmt, or hole.
var inserted = regexp.MustCompile(`%[-+#0-9.]*[a-zA-Z]|` + hole)

// hole stands for an expression between texts that are put together.
const hole = "\x00"

// messages are the texts of a file, with whatever is inserted into them.
func messages(t *testing.T, file string) []text {
	t.Helper()
	var found []text
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		expression, is := n.(ast.Expr)
		if !is {
			return true
		}
		written, ok := literal(expression)
		parts := inserted.Split(written, -1)
		if ok && len(strings.Join(parts, "")) >= leastText {
			found = append(found, newText(parts))
		}
		return true
	})
	return found
}

// text is one that the code reports, with something inserted between its parts.
type text struct {
	whole   *regexp.Regexp
	longest string
}

func newText(parts []string) text {
	longest := slices.MaxFunc(parts, func(a, b string) int { return len(a) - len(b) })
	quoted := make([]string, len(parts))
	for i, part := range parts {
		quoted[i] = regexp.QuoteMeta(part)
	}
	return text{regexp.MustCompile(strings.TrimSuffix(strings.Join(quoted, ".+?"), ".+?")), longest}
}

// literal is the text of an expression, with holes where it is not text.
func literal(expression ast.Expr) (text string, ok bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, too := literal(e.Y)
		if e.Op != token.ADD || !ok && !too {
			return "", false
		}
		if !ok {
			left = hole
		}
		if !too {
			right = hole
		}
		return left + right, true
	}
	return "", false
}
