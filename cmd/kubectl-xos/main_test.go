package main

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
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

// TestHelp compares the help of each command with a file of its name.
func TestHelp(t *testing.T) {
	for _, cmd := range newCommand("kubectl-xos").Commands() {
		t.Run(cmd.Name(), func(t *testing.T) {
			golden.Compare(t, "testdata/"+cmd.Name()+".golden.txt", []byte(output(t, "/usr/local/bin/kubectl-xos", cmd.Name(), "--help")))
		})
	}
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

func TestKindsAreCompletedWithoutACluster(t *testing.T) {
	assert.Contains(t, output(t, "xos", "__complete", "tree", ""), "service/\nslice/\nksi/\n:6\n", "no space, and no names of files")
	assert.Contains(t, output(t, "xos", "__complete", "graph", ""), "site/\nimage/\ntd/\nprin/\n")
	assert.Contains(t, output(t, "xos", "__complete", "graph", "--output", ""), "dot\nmermaid\nsvg\n:4\n")
	assert.Equal(t, ":4\n", output(t, "xos", "__complete", "status", ""))
}

func TestExitCodesAreDiffs(t *testing.T) {
	for want, err := range []error{nil, fmt.Errorf("not well: %w", cli.ErrFound), errors.New("list pods:\n\x1b[31m")} {
		var out bytes.Buffer
		assert.Equal(t, want, exit(&out, err))
		assert.Equal(t, want == exitFailed, out.String() == "error: list pods:\n\\x1b[31m\n", out.String())
	}
}
