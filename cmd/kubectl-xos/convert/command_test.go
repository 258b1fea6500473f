package convert

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/recipe"
)

const site = "tosca_definitions_version: tosca_simple_yaml_1_0\ntopology_template:\n  node_templates:\n    farm: {type: tosca.nodes.Site, properties: {name: farm, is_public: no}}\n"

// convert runs the command with a standard input.
func convert(t *testing.T, in string, args ...string) (out, errOut string, err error) {
	t.Helper()
	var written, warned bytes.Buffer
	cmd := NewCommand()
	cmd.SetIn(strings.NewReader(in))
	cmd.SetOut(&written)
	cmd.SetErr(&warned)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(t.Context())
	return written.String(), warned.String(), err
}

func TestARecipeOfTheStandardInputIsConverted(t *testing.T) {
	out, errOut, err := convert(t, "\ufeff"+site, "-")
	require.NoError(t, err)
	assert.Equal(t, "# stdin: farm: tosca.nodes.Site\n# property \"is_public\" is left out: nothing here depends on it\n"+
		"apiVersion: xos.opencord.org/v1\nkind: Site\nmetadata:\n  name: farm\n", out)
	assert.Equal(t, "warning: stdin: farm: property \"is_public\" is left out: nothing here depends on it\n", errOut)
}

func TestARecipeThatMakesNothingSaysSo(t *testing.T) {
	_, errOut, err := convert(t, strings.Replace(site, "is_public: no", "must-exist: true", 1), "-")
	require.NoError(t, err)
	assert.Equal(t, "The recipes make no objects: all of theirs must exist, or were left out.\n", errOut)
}

func TestWhatCantBeConvertedWritesNothing(t *testing.T) {
	dir := t.TempDir()
	large, good := filepath.Join(dir, "large.yaml"), filepath.Join(dir, "good.yaml")
	require.NoError(t, os.WriteFile(large, bytes.Repeat([]byte("#"), recipe.MaxBytes+1), 0o600))
	require.NoError(t, os.WriteFile(good, []byte(site), 0o600))
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{good, large}, "large.yaml: has 1048577 bytes, the limit is 1048576: spread its templates over several recipes"},
		{[]string{good, filepath.Join(dir, "missing.yaml")}, "open " + filepath.Join(dir, "missing.yaml") + ": no such file or directory"},
		{[]string{good, "-n", "No Namespace"}, "--namespace: "},
	} {
		out, _, err := convert(t, "", c.args...)
		require.ErrorContains(t, err, c.want)
		assert.Empty(t, out)
	}
}
