package gitops

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// repository is a Git repository as Flux's source-controller serves it to the others: an
// archive of each revision, named in the status of a GitRepository.
type repository struct {
	// source is the GitRepository, in the cluster.
	source *unstructured.Unstructured
	// files are those of the next revision, by their paths.
	files map[string]string

	server *httptest.Server
	mu     sync.Mutex
	// archives are the revisions so far.
	archives [][]byte
}

// serve serves the files of examples/gitops as those of a GitRepository that is in the
// cluster.
func serve(t *testing.T, source *unstructured.Unstructured) *repository {
	t.Helper()
	r := &repository{source: source, files: map[string]string{}}
	base := filepath.Join(root, "examples/gitops")
	require.NoError(t, filepath.WalkDir(base, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(base, path)
		r.files[filepath.ToSlash(name)] = string(text)
		return err
	}))
	r.server = httptest.NewServer(http.HandlerFunc(r.get))
	t.Cleanup(r.server.Close)
	return r
}

func (r *repository) get(w http.ResponseWriter, request *http.Request) {
	var revision int
	_, err := fmt.Sscanf(request.URL.Path, "/%d.tar.gz", &revision)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil || revision < 0 || revision >= len(r.archives) {
		http.NotFound(w, request)
		return
	}
	_, _ = w.Write(r.archives[revision]) // a client that went needs no answer
}

// edit replaces a text in a file; it has to be there, once.
func (r *repository) edit(t *testing.T, path, before, after string) {
	t.Helper()
	require.Equal(t, 1, strings.Count(r.files[path], before), "%s in %s", before, path)
	r.files[path] = strings.Replace(r.files[path], before, after, 1)
}

// remove takes the document of an object out of a file.
func (r *repository) remove(t *testing.T, path, kind, name string) {
	t.Helper()
	var left []string
	documents := strings.Split(r.files[path], "\n---\n")
	for _, document := range documents {
		if !strings.Contains(document, "\nkind: "+kind+"\n") || !strings.Contains(document, "\n  name: "+name+"\n") {
			left = append(left, document)
		}
	}
	require.Len(t, left, len(documents)-1, "%s %s in %s", kind, name, path)
	r.files[path] = strings.Join(left, "\n---\n")
}

// publish has the files become the newest revision, and returns its name.
func (r *repository) publish(t *testing.T, c *cluster) string {
	t.Helper()
	archive := pack(t, r.files)
	r.mu.Lock()
	number := len(r.archives)
	r.archives = append(r.archives, archive)
	r.mu.Unlock()
	revision := fmt.Sprintf("main@sha1:%040d", number)
	live, err := c.of(t, r.source).Get(t.Context(), r.source.GetName(), metav1.GetOptions{})
	require.NoError(t, err)
	live.Object["status"] = map[string]any{
		"observedGeneration": live.GetGeneration(),
		"artifact": map[string]any{
			"url":            fmt.Sprintf("%s/%d.tar.gz", r.server.URL, number),
			"path":           fmt.Sprintf("%d.tar.gz", number),
			"revision":       revision,
			"digest":         fmt.Sprintf("sha256:%x", sha256.Sum256(archive)),
			"size":           int64(len(archive)),
			"lastUpdateTime": time.Now().UTC().Format(time.RFC3339),
		},
	}
	_, err = c.of(t, r.source).UpdateStatus(t.Context(), live, metav1.UpdateOptions{FieldValidation: metav1.FieldValidationStrict})
	require.NoError(t, err)
	return revision
}

func pack(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	archive := tar.NewWriter(compressed)
	for name, text := range files {
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}))
		_, err := archive.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, compressed.Close())
	return out.Bytes()
}
