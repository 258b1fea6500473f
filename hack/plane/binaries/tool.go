package binaries

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
)

// Tool is a program of others by which tests see what their users will see. It is a
// module of its own in hack.
type Tool struct{ name, pkg, note string }

var (
	// Helm installs the chart.
	Helm = Tool{name: "helm", pkg: "helm.sh/helm/v4/cmd/helm",
		note: "building Helm (first time only, about 2 minutes)"}
	// Flux is kustomize-controller, which applies what is in Git and waits for it.
	Flux = Tool{name: "flux", pkg: "github.com/fluxcd/kustomize-controller",
		note: "building Flux's kustomize-controller (first time only, about 4 minutes)"}
	// ArgoCD is hack/argocd: Argo CD's health checks and its engine, without its servers.
	ArgoCD = Tool{name: "argocd", pkg: ".",
		note: "building the engine of Argo CD (first time only, about 4 minutes)"}
)

// Tools are all of them, by the names of their modules.
func Tools() map[string]Tool {
	return map[string]Tool{Helm.name: Helm, Flux.name: Flux, ArgoCD.name: ArgoCD}
}

// Ensure returns the path of the tool's program, built if need be; see the function
// Ensure.
func (t Tool) Ensure(ctx context.Context, progress io.Writer) (string, error) {
	source, err := findModule(t.name)
	if err != nil {
		return "", err
	}
	b := builder{source: source, progress: progress}
	dir, err := b.ensure(ctx, func(context.Context) ([]program, error) {
		return []program{{name: t.name, dir: source, pkg: t.pkg, note: t.note}}, nil
	})
	if err != nil {
		return "", fmt.Errorf("build hack/%s: %w", t.name, err)
	}
	return filepath.Join(dir, t.name), nil
}
