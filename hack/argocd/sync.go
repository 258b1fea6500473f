package main

import (
	"context"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/gitops-engine/pkg/engine"
	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/sync"
	synccommon "github.com/argoproj/gitops-engine/pkg/sync/common"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// result is what became of one object.
type result struct {
	Object  string `json:"object"`
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// sync syncs the directory once, and returns what became of each object.
func (a *application) sync(ctx context.Context, overrides health.HealthOverride) ([]result, error) {
	syncer := engine.NewEngine(a.config, a.cluster)
	stop, err := syncer.Run()
	if err != nil {
		return nil, err
	}
	defer stop()
	found, err := syncer.Sync(ctx, a.objects, a.owns, "HEAD", a.Spec.Destination.Namespace, a.options(overrides)...)
	if err != nil {
		return nil, err
	}
	var results []result
	for _, r := range found {
		results = append(results, result{Object: r.ResourceKey.String(), Status: string(r.Status), Message: r.Message})
	}
	return results, nil
}

// options are those by which Argo CD's controller syncs an Application by itself.
func (a *application) options(overrides health.HealthOverride) []sync.SyncOpt {
	automated := a.Spec.SyncPolicy != nil && a.Spec.SyncPolicy.Automated != nil
	propagation := metav1.DeletePropagationForeground
	return []sync.SyncOpt{
		sync.WithHealthOverride(overrides),
		sync.WithPrune(automated && a.Spec.SyncPolicy.Automated.Prune),
		sync.WithPrunePropagationPolicy(&propagation),
		sync.WithPruneLast(a.has(synccommon.SyncOptionPruneLast)),
		sync.WithServerSideApply(a.has(synccommon.SyncOptionServerSideApply)),
		sync.WithServerSideApplyManager(common.ArgoCDSSAManager),
		sync.WithManifestValidation(!a.has(synccommon.SyncOptionsDisableValidation)),
		sync.WithSkipDryRunOnMissingResource(a.has(synccommon.SyncOptionSkipDryRunOnMissingResource)),
	}
}
