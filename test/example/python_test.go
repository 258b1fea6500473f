//go:build python

package example

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheIntegrationInPythonServesGreetings runs the same program in Python, in the environment
// that "make test-python" makes.
func TestTheIntegrationInPythonServesGreetings(t *testing.T) {
	script, err := filepath.Abs(filepath.Join(root, "examples/integration/python/greetings.py"))
	require.NoError(t, err)
	python, err := filepath.Abs(filepath.Join(root, "bin/python/bin/python"))
	require.NoError(t, err)
	require.FileExists(t, python, "run make test-python")
	launcher := filepath.Join(t.TempDir(), "greetings")
	require.NoError(t, os.WriteFile(launcher, fmt.Appendf(nil, "#!/bin/sh\nexec '%s' '%s' \"$@\"\n", python, script), 0o700))
	testGreetings(t, launcher)
}
