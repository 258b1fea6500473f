package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// output is what the command prints when it is called by a path.
func output(t *testing.T, path string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	cmd := newCommand(path)
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	cmd.SetArgs(args)
	require.NoError(t, cmd.ExecuteContext(t.Context()))
	return out.String()
}

func TestHelp(t *testing.T) {
	golden.Compare(t, "testdata/help.golden.txt", []byte(output(t, "/usr/local/bin/kubectl-xos", "events", "--help")))
}

func TestTheCommandIsNamedAsItIsCalled(t *testing.T) {
	for path, want := range map[string]string{
		"/usr/local/bin/kubectl-xos": "kubectl xos events [flags]", "kubectl-xos.exe": "kubectl xos events [flags]", "./xos": "xos events [flags]",
	} {
		assert.Contains(t, output(t, path, "events", "--help"), "Usage:\n  "+want, path)
	}
}

func TestValuesOfFlagsAreCompleted(t *testing.T) {
	for flag, want := range map[string]string{
		"--kind": "kubernetesserviceinstance\nslice\n", "--status": "created\nupdated\ndeleted\ncurrent\n", "--output": "table\njson\nyaml\n",
		"--topic": "inventory\ndetails\n", "--kafka-sasl-mechanism": "PLAIN\n",
	} {
		assert.Contains(t, output(t, "xos", "__complete", "events", flag, ""), want, flag)
	}
	assert.Contains(t, output(t, "xos", "__complete", "events", "--context", ""), ":4\n", "no names of files")
	assert.Contains(t, output(t, "xos", "__complete", "events", "--kafka-tls-ca-file", ""), ":0\n", "names of files")
}
