package store

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// +kubebuilder:rbac:groups="",resources=configmaps,verbs=create;delete;list

// LabelledConfigMaps keeps data of this program's own in ConfigMaps of one namespace, which
// a label tells from all others. They are few and short-lived, so no cache holds them.
type LabelledConfigMaps struct {
	Client typedcorev1.ConfigMapInterface
	// Label is on each, with the value "true".
	Label string
}

// pageSize bounds the memory of a list.
const pageSize = 500

// List returns the data of all, by name.
func (l LabelledConfigMaps) List(ctx context.Context) (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	opts := metav1.ListOptions{LabelSelector: l.Label + "=true", Limit: pageSize}
	for {
		page, err := l.Client.List(ctx, opts)
		if err != nil {
			return nil, fmt.Errorf("list the ConfigMaps labelled %s: %w", l.Label, err)
		}
		for _, c := range page.Items {
			all[c.Name] = c.Data
		}
		if opts.Continue = page.Continue; opts.Continue == "" {
			return all, nil
		}
	}
}

// Create keeps data under a name. What is kept there already stays as it is.
func (l LabelledConfigMaps) Create(ctx context.Context, name string, data map[string]string) error {
	_, err := l.Client.Create(ctx, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{l.Label: "true"}}, Data: data,
	}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create ConfigMap %s: %w", name, err)
	}
	return nil
}

// Delete removes what is kept under a name, if anything.
func (l LabelledConfigMaps) Delete(ctx context.Context, name string) error {
	if err := l.Client.Delete(ctx, name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("delete ConfigMap %s: %w", name, err)
	}
	return nil
}
