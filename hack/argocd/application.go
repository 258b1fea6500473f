package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/gitops-engine/pkg/cache"
	"github.com/argoproj/gitops-engine/pkg/sync"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/yaml"
)

// application is an Application with the objects of its directory, and its cluster.
type application struct {
	*v1alpha1.Application
	// objects are tracked as the Application's.
	objects []*unstructured.Unstructured
	config  *rest.Config
	cluster cache.ClusterCache
}

// tracked is what the cluster's cache keeps of an object: the Application that it is of.
type tracked struct{ id string }

func openApplication(kubeconfig, path, dir string) (*application, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	a := &application{Application: &v1alpha1.Application{}}
	if err := yaml.UnmarshalStrict(text, a.Application); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if a.objects, err = manifests(dir); err != nil {
		return nil, err
	}
	for _, object := range a.objects {
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[common.AnnotationKeyAppInstance] = a.trackingID(kube.GetResourceKey(object))
		object.SetAnnotations(annotations)
	}
	if a.config, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		return nil, fmt.Errorf("read %s: %w", kubeconfig, err)
	}
	a.config.QPS, a.config.Burst = v1alpha1.K8sClientConfigQPS, v1alpha1.K8sClientConfigBurst
	a.cluster = cache.NewClusterCache(a.config, cache.SetPopulateResourceInfoHandler(
		func(object *unstructured.Unstructured, _ bool) (any, bool) {
			id := object.GetAnnotations()[common.AnnotationKeyAppInstance]
			return tracked{id}, id != ""
		}))
	return a, nil
}

// trackingID is how Argo CD notes whose an object is.
func (a *application) trackingID(key kube.ResourceKey) string {
	return fmt.Sprintf("%s:%s/%s:%s/%s", a.Name, key.Group, key.Kind, key.Namespace, key.Name)
}

// owns returns whether an object in the cluster is tracked as the Application's.
func (a *application) owns(r *cache.Resource) bool {
	info, ok := r.Info.(tracked)
	return ok && strings.HasPrefix(info.id, a.Name+":")
}

// has returns whether the Application has an option for its syncs.
func (a *application) has(option string) bool {
	return a.Spec.SyncPolicy != nil && a.Spec.SyncPolicy.SyncOptions.HasOption(option)
}

// reconcile pairs the objects of the directory with those in the cluster.
func (a *application) reconcile() (sync.ReconciliationResult, error) {
	live, err := a.cluster.GetManagedLiveObjs(a.objects, a.owns)
	if err != nil {
		return sync.ReconciliationResult{}, err
	}
	return sync.Reconcile(a.objects, live, a.Spec.Destination.Namespace, a.cluster), nil
}

func manifests(dir string) ([]*unstructured.Unstructured, error) {
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
	return objects, nil
}
