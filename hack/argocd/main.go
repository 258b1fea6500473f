// Argocd runs parts of Argo CD without its servers, for tests: how it judges the health
// of objects, and how its engine syncs a directory to a cluster and compares them.
//
//	argocd health CONFIGMAP < objects.json
//	argocd sync --kubeconfig KUBECONFIG CONFIGMAP APPLICATION DIR
//	argocd diff --kubeconfig KUBECONFIG APPLICATION DIR
//
// CONFIGMAP is an argocd-cm as administrators write it, APPLICATION the manifest of an
// Application. The answer is JSON on standard output.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "argocd: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	flags := flag.NewFlagSet("argocd", flag.ContinueOnError)
	kubeconfig := flags.String("kubeconfig", "", "the kubeconfig of the cluster to sync to")
	if len(args) == 0 {
		return errors.New("say what to do: health, sync or diff")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	var answer any
	var err error
	switch command, rest := args[0], flags.Args(); {
	case command == "health" && len(rest) == 1:
		answer, err = judge(ctx, rest[0])
	case command == "sync" && len(rest) == 3:
		answer, err = syncOnce(ctx, *kubeconfig, rest[0], rest[1], rest[2])
	case command == "diff" && len(rest) == 2:
		answer, err = compare(*kubeconfig, rest[0], rest[1])
	default:
		err = fmt.Errorf("no such command with these arguments: %q", args)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}

// judge returns the health of each object of a JSON array on standard input, in its
// order; null of an object that Argo CD has no opinion of, which counts as healthy.
func judge(ctx context.Context, configMap string) ([]*health.HealthStatus, error) {
	overrides, err := healthOverrides(ctx, configMap)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		return nil, fmt.Errorf("read the objects: %w", err)
	}
	found := make([]*health.HealthStatus, len(objects))
	for i, object := range objects {
		if found[i], err = health.GetResourceHealth(object, overrides); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func syncOnce(ctx context.Context, kubeconfig, configMap, path, dir string) (*outcome, error) {
	overrides, err := healthOverrides(ctx, configMap)
	if err != nil {
		return nil, err
	}
	a, err := openApplication(kubeconfig, path, dir)
	if err != nil {
		return nil, err
	}
	return a.sync(ctx, overrides)
}

func compare(kubeconfig, path, dir string) ([]difference, error) {
	a, err := openApplication(kubeconfig, path, dir)
	if err != nil {
		return nil, err
	}
	return a.differences()
}
