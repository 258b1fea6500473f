package v1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestKeysAreDeclaredHere finds labels, annotations and finalizers of our group
// that other packages spell out: a reader has to find all of them in
// wellknown.go, and a client of this package has to be able to name them.
func TestKeysAreDeclaredHere(t *testing.T) {
	const root = "../../.."
	files := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			if path != root && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"apis", "bin", "testdata"}, entry.Name())) {
				return filepath.SkipDir
			}
			return nil
		case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, key := range keysIn(file) {
			t.Errorf("%s: declare it in apis/xos/v1/wellknown.go and use that constant", set.Position(key.Pos()))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were read: the walk starts in the wrong directory", files)
	}
}

func TestKeysIn(t *testing.T) {
	for source, want := range map[string]int{
		`const a = "xos.opencord.org/slice"`:                                  1,
		"const a = `{\"xos.opencord.org/slice\":null}`":                       1,
		`const a = xosv1.GroupName + "/slice"`:                                1,
		`var a = []string{"xos.opencord.org/a", "xos.opencord.org/b"}`:        2,
		`const a = "the label xos.opencord.org/slice of xos.opencord.org/v1"`: 1,
		`const a = "xos.opencord.org/v1"`:                                     0,
		`const a = "slices.xos.opencord.org"`:                                 0,
		`const a = "xos.opencord.org/kubernetes-service/cmd"`:                 0,
		`var a = strings.HasPrefix(key, xosv1.GroupName + "/")`:               0,
		`import _ "xos.opencord.org/kubernetes-service/apis/xos/v1"`:          0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "a.go", "package a\n"+source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(keysIn(file)); got != want {
			t.Errorf("%s: %d keys, want %d", source, got, want)
		}
	}
}

// keysIn returns the expressions of a file that spell out a key of our group, as a
// whole or as the group's name with a suffix. The apiVersion, our module's path
// and the bare prefix are none.
func keysIn(file *ast.File) []ast.Node {
	notKeys := strings.NewReplacer("xos.opencord.org/v1", "", "xos.opencord.org/kubernetes-service", "")
	var found []ast.Node
	ast.Inspect(file, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			if n.Kind == token.STRING && strings.Contains(notKeys.Replace(text(n)), "xos.opencord.org/") {
				found = append(found, n)
			}
		case *ast.BinaryExpr:
			group, named := n.X.(*ast.SelectorExpr)
			suffix, literal := n.Y.(*ast.BasicLit)
			if named && literal && group.Sel.Name == "GroupName" && len(text(suffix)) > len("/") && strings.HasPrefix(text(suffix), "/") {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

// text is the value of a string literal.
func text(literal *ast.BasicLit) string {
	value, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return value
}
