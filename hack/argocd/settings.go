package main

import (
	"context"
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/util/lua"
	"github.com/argoproj/argo-cd/v3/util/settings"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/yaml"
)

// partOf is the label by which Argo CD finds its configuration.
var partOf = map[string]string{"app.kubernetes.io/part-of": "argocd"}

// healthOverrides are the health checks that a configuration adds, as Argo CD reads them.
func healthOverrides(ctx context.Context, path string) (lua.ResourceHealthOverrides, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var config corev1.ConfigMap
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	// A patch names no more than it changes.
	config.Name, config.Namespace, config.Labels = common.ArgoCDConfigMapName, "argocd", partOf
	client := fake.NewClientset(&config, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDSecretName, Namespace: config.Namespace, Labels: partOf},
	})
	overrides, err := settings.NewSettingsManager(ctx, client, config.Namespace).GetResourceOverrides()
	if err != nil {
		return nil, fmt.Errorf("read the customizations of %s: %w", path, err)
	}
	return overrides, nil
}
