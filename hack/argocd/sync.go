package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/gitops-engine/pkg/cache"
	"github.com/argoproj/gitops-engine/pkg/engine"
	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/sync"
	synccommon "github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

// result is what became of one object.
type result struct {
	Object  string `json:"object"`
	Status  string `json:"status"`
	Phase   string `json:"phase,omitempty"`
	Message string `json:"message,omitempty"`
}

// tracked is what the engine's cache keeps of an object: the Application that it is of.
type tracked struct{ id string }

// syncDirectory syncs a directory's manifests once, as Argo CD does for an Application
// with these options, and returns what became of each object.
func syncDirectory(ctx context.Context, kubeconfig, application, configMap, dir string) ([]result, error) {
	app, err := readApplication(application)
	if err != nil {
		return nil, err
	}
	overrides, err := healthOverrides(ctx, configMap)
	if err != nil {
		return nil, err
	}
	objects, err := manifests(app, dir)
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", kubeconfig, err)
	}
	clusters := cache.NewClusterCache(config, cache.SetPopulateResourceInfoHandler(
		func(object *unstructured.Unstructured, _ bool) (any, bool) {
			id := object.GetAnnotations()[common.AnnotationKeyAppInstance]
			return tracked{id}, id != ""
		}))
	syncer := engine.NewEngine(config, clusters)
	stop, err := syncer.Run()
	if err != nil {
		return nil, err
	}
	defer stop()
	ours := func(r *cache.Resource) bool {
		info, ok := r.Info.(tracked)
		return ok && strings.HasPrefix(info.id, app.Name+":")
	}
	found, err := syncer.Sync(ctx, objects, ours, "HEAD", app.Spec.Destination.Namespace, options(app, overrides)...)
	if err != nil {
		return nil, err
	}
	var results []result
	for _, r := range found {
		results = append(results, result{
			Object: r.ResourceKey.String(), Status: string(r.Status), Phase: string(r.HookPhase), Message: r.Message,
		})
	}
	return results, nil
}

// options are those by which Argo CD's controller syncs an Application by itself.
func options(app *v1alpha1.Application, overrides health.HealthOverride) []sync.SyncOpt {
	policy := app.Spec.SyncPolicy
	if policy == nil {
		policy = &v1alpha1.SyncPolicy{}
	}
	has := policy.SyncOptions.HasOption
	propagation := metav1.DeletePropagationForeground
	return []sync.SyncOpt{
		sync.WithHealthOverride(overrides),
		sync.WithPrune(policy.Automated != nil && policy.Automated.Prune),
		sync.WithPrunePropagationPolicy(&propagation),
		sync.WithPruneLast(has(synccommon.SyncOptionPruneLast)),
		sync.WithServerSideApply(has(synccommon.SyncOptionServerSideApply)),
		sync.WithServerSideApplyManager(common.ArgoCDSSAManager),
		sync.WithManifestValidation(!has(synccommon.SyncOptionsDisableValidation)),
		sync.WithSkipDryRunOnMissingResource(has(synccommon.SyncOptionSkipDryRunOnMissingResource)),
	}
}

func readApplication(path string) (*v1alpha1.Application, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	app := &v1alpha1.Application{}
	if err := yaml.UnmarshalStrict(text, app); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return app, nil
}

// manifests are the objects of a directory, tracked as the Application's.
func manifests(app *v1alpha1.Application, dir string) ([]*unstructured.Unstructured, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		some, err := kube.SplitYAML(text)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		objects = append(objects, some...)
	}
	for _, object := range objects {
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[common.AnnotationKeyAppInstance] = trackingID(app, kube.GetResourceKey(object))
		object.SetAnnotations(annotations)
	}
	return objects, nil
}

// trackingID is how Argo CD notes whose an object is.
func trackingID(app *v1alpha1.Application, key kube.ResourceKey) string {
	return fmt.Sprintf("%s:%s/%s:%s/%s", app.Name, key.Group, key.Kind, key.Namespace, key.Name)
}
