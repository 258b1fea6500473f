package show

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestATextOfSeveralLinesIsWrittenAsSuch(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, WriteManifest(&out, map[string]any{"data": map[string]any{"a": "x: 1\ny: 2\n", "b": "x\n\u202ey"}}))
	assert.Equal(t, "data:\n  a: |\n    x: 1\n    y: 2\n  b: \"x\\n\\u202ey\"\n", out.String())
}

func TestAManifestIsReadAsItWas(t *testing.T) {
	for _, text := range []string{"a\nb", "a\nb\n", "a\nb\n\n", "\na", " a\n  b", "a \nb ", "a\n\tb", "# a\nb", "---\na", "\n", "a\r\nb", "é\n", "a\x1b[1m\n", "yes", "1", "\ufeffa\nb"} {
		var out bytes.Buffer
		require.NoError(t, WriteManifest(&out, map[string]any{"text": text}))
		var read map[string]any
		require.NoError(t, yaml.Unmarshal(out.Bytes(), &read), out.String())
		assert.Equal(t, text, read["text"], out.String())
	}
}
