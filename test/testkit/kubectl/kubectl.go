// Package kubectl applies objects as kubectl does by default, for tests whose users have
// it: by the client, with a record of what was applied last.
//
// Only what a client does may live here, nothing of what a test expects of it.
package kubectl

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"xos.opencord.org/kubernetes-service/hack/manifests"
)

// Manager is the field manager of what is applied.
const Manager = "kubectl-client-side-apply"

// Client is an administrator with kubectl.
type Client struct{ *manifests.Client }

// New is a client of a cluster.
func New(config *rest.Config) (*Client, error) {
	client, err := manifests.NewClient(config)
	if err != nil {
		return nil, err
	}
	return &Client{client}, nil
}

// Apply is "kubectl apply" of an object, by the client.
func (c *Client) Apply(ctx context.Context, config *unstructured.Unstructured) error {
	client, err := c.Of(config)
	if err != nil {
		return err
	}
	modified := config.DeepCopy()
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	annotations := modified.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[corev1.LastAppliedConfigAnnotation] = string(text) + "\n"
	modified.SetAnnotations(annotations)
	live, err := client.Get(ctx, config.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = client.Create(ctx, modified, metav1.CreateOptions{FieldManager: Manager, FieldValidation: metav1.FieldValidationStrict})
		return err
	}
	if err != nil {
		return err
	}
	last, err := LastApplied(live)
	if err != nil {
		return err
	}
	patch, kind, err := ThreeWayPatch(last, modified, live)
	if err != nil {
		return err
	}
	_, err = client.Patch(ctx, config.GetName(), kind, patch, metav1.PatchOptions{FieldManager: Manager, FieldValidation: metav1.FieldValidationStrict})
	return err
}

// LastApplied is what was applied last; empty where nothing was.
func LastApplied(live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	last := &unstructured.Unstructured{Object: map[string]any{}}
	text := live.GetAnnotations()[corev1.LastAppliedConfigAnnotation]
	if text == "" {
		return last, nil
	}
	if err := json.Unmarshal([]byte(text), &last.Object); err != nil {
		return nil, fmt.Errorf("read what was applied last to %s: %w", manifests.Describe(live), err)
	}
	return last, nil
}

// TypeOf is the Go type of a native kind; nil of others, whose lists are replaced.
func TypeOf(o *unstructured.Unstructured) any {
	known, err := scheme.Scheme.New(o.GroupVersionKind())
	if err != nil {
		return nil
	}
	return known
}

// ThreeWayPatch is the patch of a client-side apply: what is wanted now, without what was
// applied last and is wanted no more.
func ThreeWayPatch(last, config, live *unstructured.Unstructured) ([]byte, types.PatchType, error) {
	var texts [3][]byte
	for i, o := range []*unstructured.Unstructured{last, config, live} {
		text, err := json.Marshal(o.Object)
		if err != nil {
			return nil, "", err
		}
		texts[i] = text
	}
	known := TypeOf(live)
	if known == nil {
		patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(texts[0], texts[1], texts[2])
		return patch, types.MergePatchType, err
	}
	lookup, err := strategicpatch.NewPatchMetaFromStruct(known)
	if err != nil {
		return nil, "", err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(texts[0], texts[1], texts[2], lookup, true)
	return patch, types.StrategicMergePatchType, err
}
