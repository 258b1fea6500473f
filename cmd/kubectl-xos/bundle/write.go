package bundle

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
)

// directory is where the files of a bundle are.
const directory = "xos-export/"

// Write writes a bundle as a tar.gz file. The same bundle makes the same bytes.
func (b *Bundle) Write(w io.Writer) error {
	zipped, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	files := tar.NewWriter(zipped)
	for _, f := range b.Files {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: directory + f.Name, Size: int64(len(f.Text)), Mode: 0o600, ModTime: time.Unix(0, 0).UTC(), Format: tar.FormatUSTAR}
		if f.Program {
			header.Mode = 0o700
		}
		if err := files.WriteHeader(header); err != nil {
			return fmt.Errorf("write the header of %s: %w", f.Name, err)
		}
		if _, err := io.WriteString(files, f.Text); err != nil {
			return fmt.Errorf("write %s: %w", f.Name, err)
		}
	}
	if err := files.Close(); err != nil {
		return fmt.Errorf("write the end of the archive: %w", err)
	}
	if err := zipped.Close(); err != nil {
		return fmt.Errorf("write the end of the archive: %w", err)
	}
	return nil
}

// quote returns a text as a word of a shell.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// script returns the program that applies the manifests. Objects can be created once their
// namespaces are there, which the manager makes for trust domains.
func script(files []File, domains, namespaces []string) string {
	var b strings.Builder
	b.WriteString(`#!/bin/sh
# Applies the manifests beside it, in order, to a cluster in which a manager runs.
# Arguments are kubectl's, such as --context=staging; $KUBECTL names another kubectl.
set -eu
CDPATH='' cd -- "$(dirname -- "$0")"
kubectl=${KUBECTL:-kubectl}
`)
	for _, namespace := range namespaces {
		fmt.Fprintf(&b, "\"$kubectl\" get namespace %[1]s \"$@\" >/dev/null 2>&1 || \"$kubectl\" create namespace %[1]s \"$@\"\n", quote(namespace))
	}
	for i, f := range slices.DeleteFunc(slices.Clone(files), func(f File) bool { return !strings.HasSuffix(f.Name, ".yaml") }) {
		fmt.Fprintf(&b, "\"$kubectl\" apply --server-side -f %s \"$@\"\n", quote(f.Name))
		if i > 0 {
			continue
		}
		for _, domain := range domains {
			fmt.Fprintf(&b, "\"$kubectl\" wait --for=condition=Ready --timeout=5m %s \"$@\"\n", quote("trustdomain."+xosv1.GroupName+"/"+domain))
		}
	}
	return b.String()
}

// readme returns the text for whoever has the bundle.
func (b *Bundle) readme(o Options) string {
	var text strings.Builder
	domains := slices.Compact(slices.Sorted(slices.Values(o.Domains)))
	fmt.Fprintf(&text, "Objects of xos.opencord.org of the trust domains %s: %d, in the order in which they are applied.\n\n", strings.Join(domains, ", "), b.Objects)
	text.WriteString("    ./apply.sh --context=CONTEXT\n\n" +
		"makes them in another cluster, in which the custom resource definitions are installed and a\nmanager runs. It can be run again. Namespaces that a trust domain selects by labels have to have these.\n")
	if o.Secrets {
		text.WriteString("\nTHE MANIFESTS HAVE VALUES OF SECRETS: keep them as those.\n")
	}
	writeList(&text, "To be supplied", b.Supply)
	writeList(&text, "Not as in the cluster", b.Notes)
	return text.String()
}

func writeList(b *strings.Builder, title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n\n", title)
	for _, line := range lines {
		fmt.Fprintf(b, "- %s\n", show.Escape(line)) // parts of which tenants wrote
	}
}
