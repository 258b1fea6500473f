package tree

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cli"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/hierarchy"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// of is a tree of slices.
func of(names ...string) hierarchy.Document {
	var d hierarchy.Document
	for _, name := range names {
		d.Items = append(d.Items, &hierarchy.Node{Ref: snapshot.Ref{Kind: "Slice", Namespace: "acme", Name: name}, Health: health.Health{Level: health.Ready}})
	}
	return d
}

func newTestScreen(t *testing.T, form string) (*screen, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	o := &options{}
	cmd := NewCommand()
	cmd.ResetFlags()
	o.output.Add(cmd)
	o.colour.Add(cmd)
	require.NoError(t, o.output.Set(form))
	out, errOut := &bytes.Buffer{}, &bytes.Buffer{}
	return o.newScreen(out, errOut), out, errOut
}

func TestATreeIsWrittenAnewWhereSomethingChanged(t *testing.T) {
	s, out, errOut := newTestScreen(t, cli.Table)
	first := of("web")
	first.Unread = []snapshot.Unread{{Resource: "pods", Namespace: "acme", Namespaced: true, Why: snapshot.Forbidden}}
	for _, d := range []hierarchy.Document{first, first, of("web", "db"), of()} {
		require.NoError(t, s.show(d))
	}
	parts := strings.Split(out.String(), "\n\n")
	require.Len(t, parts, 3)
	assert.Contains(t, parts[0], "Slice acme/web")
	assert.Contains(t, parts[1], "Slice acme/db")
	assert.Equal(t, "Nothing found yet.\n", parts[2])
	assert.Equal(t, "pods in namespace acme are left out: you may not list them\n", errOut.String())
}

func TestProgramsReadALineATree(t *testing.T) {
	s, out, _ := newTestScreen(t, cli.JSON)
	require.NoError(t, s.show(of("web")))
	require.NoError(t, s.show(of("web", "db")))
	require.NoError(t, s.show(of("web", "db")))
	assert.Equal(t, 2, strings.Count(out.String(), "\n"))
	s, out, _ = newTestScreen(t, cli.YAML)
	require.NoError(t, s.show(of("web")))
	require.NoError(t, s.show(of()))
	assert.Equal(t, 2, strings.Count(out.String(), "---\n"))
}

func TestATerminalIsDrawnOver(t *testing.T) {
	s, out, _ := newTestScreen(t, cli.Table)
	require.NoError(t, s.draw(of("a", "b", "c", "d"), 20, 5))
	assert.Equal(t, "\x1b[2J\x1b[H"+strings.Join([]string{"NAME           HEAL…", "Slice acme/a   Ready", "Slice acme/b   Ready", "... and 2 lines more", ""}, "\x1b[K\n")+"\x1b[J", out.String())
	out.Reset()
	require.NoError(t, s.draw(of("a"), 80, 5))
	assert.True(t, strings.HasPrefix(out.String(), "\x1b[HNAME"), "it is not cleared before")
	assert.True(t, strings.HasSuffix(out.String(), "\x1b[K\n\x1b[J"), "what was below is cleared")
}
