package api

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const exampleDir = "../../apis/xos/v1/testdata"

// example is a file of documents that are put to the server one after the other:
// the first creates an object, the others change it.
type example struct {
	documents []*unstructured.Unstructured
	// want is what the last document's refusal says, from the file's first
	// line; empty in a valid example.
	want string
}

func TestValidExamplesAreAccepted(t *testing.T) {
	s := newServer(t)
	for _, file := range exampleFiles(t, "valid") {
		t.Run(testName(file), func(t *testing.T) {
			s.putAll(t, read(t, file).documents)
		})
	}
}

func TestInvalidExamplesAreRefused(t *testing.T) {
	s := newServer(t)
	for _, file := range exampleFiles(t, "invalid") {
		t.Run(testName(file), func(t *testing.T) {
			e := read(t, file)
			if e.want == "" {
				t.Fatal("the first line has to say what the refusal says: # want: ...")
			}
			last := len(e.documents) - 1
			created := s.putAll(t, e.documents[:last])
			_, err := s.put(t, succeed(created, e.documents[last]))
			if err == nil {
				t.Fatalf("accepted, want a refusal that says: %s", e.want)
			}
			if !strings.Contains(err.Error(), e.want) {
				t.Errorf("refused with: %v\nwant: %s", err, e.want)
			}
		})
	}
}

// putAll puts documents that must all be accepted, and returns what the last one
// made.
func (s *server) putAll(t *testing.T, documents []*unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	var made *unstructured.Unstructured
	for i, document := range documents {
		var err error
		if made, err = s.put(t, succeed(made, document)); err != nil {
			t.Fatalf("document %d is refused: %v", i+1, err)
		}
	}
	return made
}

// succeed makes next the next version of an object, if there is one.
func succeed(object, next *unstructured.Unstructured) *unstructured.Unstructured {
	if object != nil {
		next.SetResourceVersion(object.GetResourceVersion())
	}
	return next
}

func exampleFiles(t *testing.T, sort string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(exampleDir, sort, "*", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("there are no %s examples in %s", sort, exampleDir)
	}
	return files
}

// testName is "slice/no-template" for testdata/invalid/slice/no-template.yaml.
func testName(file string) string {
	return filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), ".yaml")
}

func read(t *testing.T, file string) example {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var e example
	first, _, _ := strings.Cut(string(content), "\n")
	if want, ok := strings.CutPrefix(first, "# want: "); ok {
		e.want = want
	}
	for document := range strings.SplitSeq(string(content), "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict([]byte(document), &object.Object); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		e.documents = append(e.documents, object)
	}
	return e
}
