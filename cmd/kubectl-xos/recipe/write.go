package recipe

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// Write writes manifests as YAML documents, with comments that say where each is from.
func Write(w io.Writer, manifests []Manifest) error {
	for i, m := range manifests {
		var text bytes.Buffer
		fmt.Fprintf(&text, "# %s: %s\n", escaped(m.title()), "tosca.nodes."+escaped(m.Type))
		for _, n := range m.Notes {
			fmt.Fprintf(&text, "# %s\n", escaped(n.Text))
		}
		if m.Object != nil {
			if err := show.WriteManifest(&text, m.Object); err != nil {
				return err
			}
		}
		if i > 0 && (m.Object != nil || manifests[i-1].Object != nil) {
			if _, err := io.WriteString(w, "---\n"); err != nil {
				return err
			}
		}
		if _, err := w.Write(text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (m *Manifest) title() string { return m.File + ": " + m.Template }

// Warnings returns a line for each thing that a person should see.
func Warnings(manifests []Manifest) []string {
	var lines []string
	for _, m := range manifests {
		for _, n := range m.Notes {
			if n.Lost {
				lines = append(lines, fmt.Sprintf("warning: %s: %s", escaped(m.title()), escaped(n.Text)))
			}
		}
	}
	return lines
}

// Objects returns how many manifests have an object.
func Objects(manifests []Manifest) int {
	count := 0
	for _, m := range manifests {
		if m.Object != nil {
			count++
		}
	}
	return count
}

// ParseName returns what a file is called in messages.
func ParseName(path string) string {
	if path == "-" {
		return "stdin"
	}
	return path[strings.LastIndex(path, "/")+1:]
}
