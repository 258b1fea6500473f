package main

import (
	"fmt"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/gitops-engine/pkg/diff"
	synccommon "github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
)

// difference is an object that is out of sync.
type difference struct {
	Object string `json:"object"`
	// Live and Wanted are the object as it is compared; empty where there is none.
	Live   string `json:"live,omitempty"`
	Wanted string `json:"wanted,omitempty"`
}

// differences compares the directory with the cluster.
func (a *application) differences() ([]difference, error) {
	if err := a.cluster.EnsureSynced(); err != nil {
		return nil, err
	}
	defer a.cluster.Invalidate()
	both, err := a.reconcile()
	if err != nil {
		return nil, err
	}
	compared, err := diff.DiffArray(both.Target, both.Live,
		diff.WithStructuredMergeDiff(a.has(synccommon.SyncOptionServerSideApply)),
		diff.WithGVKParser(a.cluster.GetGVKParser()), diff.WithManager(common.ArgoCDSSAManager))
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	found := []difference{}
	for i, one := range compared.Diffs {
		object := both.Live[i]
		if object == nil {
			object = both.Target[i]
		}
		if one.Modified || both.Live[i] == nil || both.Target[i] == nil {
			key := kube.GetResourceKey(object)
			found = append(found, difference{key.String(), string(one.NormalizedLive), string(one.PredictedLive)})
		}
	}
	return found, nil
}
