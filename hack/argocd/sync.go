package main

import (
	"context"
	"fmt"
	"time"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/gitops-engine/pkg/cache"
	"github.com/argoproj/gitops-engine/pkg/health"
	"github.com/argoproj/gitops-engine/pkg/sync"
	synccommon "github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2/textlogger"
)

// outcome is what a sync came to.
type outcome struct {
	Phase   synccommon.OperationPhase `json:"phase"`
	Message string                    `json:"message"`
	Objects []result                  `json:"objects"`
}

// result is what became of one object.
type result struct {
	Object  string `json:"object"`
	Status  string `json:"status"`
	Message string `json:"message,omitempty"`
}

// sync syncs the directory once. Its end is that of the context at the latest, and then the
// error says what it waited for.
//
// A step knows no more of the cluster than it was given, and where it waits for the health of
// a wave another step goes on, as in Argo CD's controller. The engine's own loop has one step
// for all and waits for ever.
func (a *application) sync(ctx context.Context, overrides health.HealthOverride) (*outcome, error) {
	if err := a.cluster.EnsureSynced(); err != nil {
		return nil, err
	}
	defer a.cluster.Invalidate()
	changed := make(chan struct{}, 1)
	defer a.cluster.OnResourceUpdated(func(*cache.Resource, *cache.Resource, map[kube.ResourceKey]*cache.Resource) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	began := metav1.Now()
	phase := synccommon.OperationRunning
	var message string
	var found []synccommon.ResourceSyncResult
	for {
		var err error
		options := append(a.options(overrides), sync.WithInitialState(phase, message, found, began))
		if phase, message, found, err = a.step(options); err != nil {
			return nil, err
		}
		if phase.Completed() {
			break
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w while %s: %s", context.Cause(ctx), phase, message)
		case <-changed:
		case <-time.After(time.Second): // what is as it was before is no change
		}
	}
	all := &outcome{Phase: phase, Message: message}
	for _, r := range found {
		all.Objects = append(all.Objects, result{Object: r.ResourceKey.String(), Status: string(r.Status), Message: r.Message})
	}
	return all, nil
}

// step goes on with a sync by what is in the cluster now.
func (a *application) step(options []sync.SyncOpt) (phase synccommon.OperationPhase, message string, found []synccommon.ResourceSyncResult, _ error) {
	both, err := a.reconcile()
	if err != nil {
		return "", "", nil, err
	}
	log := textlogger.NewLogger(textlogger.NewConfig())
	kubectl := &kube.KubectlCmd{Log: log, Tracer: tracing.NopTracer{}}
	syncer, cleanup, err := sync.NewSyncContext("HEAD", both, a.config, a.config, kubectl,
		a.Spec.Destination.Namespace, a.cluster.GetOpenAPISchema(), append(options, sync.WithLogr(log))...)
	if err != nil {
		return "", "", nil, err
	}
	defer cleanup()
	syncer.Sync()
	phase, message, found = syncer.GetState()
	for i := range found {
		found[i].Order = i + 1
	}
	return phase, message, found, nil
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
