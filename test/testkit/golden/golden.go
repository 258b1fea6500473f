// Package golden compares what functions make with files that people have read:
//
//	go test ./controllers/desired -update    # writes them anew; read the difference
//
// The file for testdata/<case>.yaml is testdata/<case>.golden, with the extension of
// what it holds.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

const suffix = ".golden"

// Compare compares with a golden file.
func Compare(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, got, 0o644))
		return
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "run the test with -update, and read what it writes")
	assert.Equal(t, string(want), string(got))
}

// Cases runs a function over each YAML file of a directory, which must have one, and
// compares what it makes with the file's golden one, of this extension.
func Cases(t *testing.T, dir, extension string, run func(t *testing.T, input []byte) []byte) {
	t.Helper()
	inputs, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	require.NoError(t, err)
	cases := 0
	for _, path := range inputs {
		name := strings.TrimSuffix(path, ".yaml")
		if strings.HasSuffix(name, suffix) {
			continue
		}
		cases++
		t.Run(filepath.Base(dir)+"/"+filepath.Base(name), func(t *testing.T) {
			input, err := os.ReadFile(path)
			require.NoError(t, err)
			Compare(t, name+suffix+extension, run(t, input))
		})
	}
	require.NotZero(t, cases, "%s has no case", dir)
}
