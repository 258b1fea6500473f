package store

import (
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/managedfields"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

// Trim takes out of an object what no part of this process reads, before it is cached: kubectl's
// copy of the last applied manifest, and who manages which field. Of that it leaves
//
//   - on a native object that carries our tracking metadata, what we have written: see ownClaim
//   - on a record of the pull's, a trace of others: see WrittenByOthers
func Trim(o metav1.Object) {
	switch trace := ownership.TraceOfOthers(o); {
	case trace != nil:
		o.SetManagedFields(trace)
	default:
		o.SetManagedFields(ownClaim(o))
	}
	if annotations := o.GetAnnotations(); annotations[corev1.LastAppliedConfigAnnotation] != "" {
		delete(annotations, corev1.LastAppliedConfigAnnotation)
	}
}

// ownClaim is the record of the fields that we have written, as one entry. It is that of
// an update where a create of ours has not been claimed by an apply yet; see
// ClaimFields. It is nil for what is not tracked as ours.
func ownClaim(o metav1.Object) []metav1.ManagedFieldsEntry {
	if _, tracked := ownership.TrackingIDOf(o); !tracked {
		return nil
	}
	if _, custom := o.(xosv1.Object); custom {
		return nil
	}
	switch operation, fields := claimIn(o); {
	case operation == "":
		return nil
	case fields == nil:
		return []metav1.ManagedFieldsEntry{{Manager: xosv1.FieldManager, Operation: operation}}
	default:
		return shared.entry(operation, managedfields.WithoutOwners(fields))
	}
}

// claimIn is the record of what we have written to an object, be it a cached one or one
// as the server has returned it; nil where there is none.
func claimIn(o metav1.Object) (metav1.ManagedFieldsOperationType, *metav1.FieldsV1) {
	var own []metav1.ManagedFieldsEntry
	for _, f := range o.GetManagedFields() {
		if f.Manager == xosv1.FieldManager && f.Subresource == "" {
			own = append(own, f)
		}
	}
	switch len(own) {
	case 0:
		return "", nil
	case 1:
		return own[0].Operation, own[0].FieldsV1
	}
	records := make([]*metav1.FieldsV1, len(own))
	for i, r := range own {
		records[i] = r.FieldsV1
	}
	return metav1.ManagedFieldsOperationUpdate, managedfields.Union(records...)
}

// Unclaimed returns whether fields of an object are recorded as an update of ours, which
// an apply could not remove. The answer comes from the server's own records, which no
// annotation can forge.
func Unclaimed(o metav1.Object) bool {
	return slices.ContainsFunc(o.GetManagedFields(), func(f metav1.ManagedFieldsEntry) bool {
		return f.Manager == xosv1.FieldManager && f.Operation == metav1.ManagedFieldsOperationUpdate && f.Subresource == ""
	})
}

// shared has objects of one shape share the record of what we have written: it names
// fields, no values, so there are few.
var shared sharedEntries

// mostShared bounds the shapes that are remembered.
const mostShared = 1024

type sharedEntries struct {
	mu    sync.Mutex
	known map[string][]metav1.ManagedFieldsEntry
}

func (s *sharedEntries) entry(operation metav1.ManagedFieldsOperationType, fields *metav1.FieldsV1) []metav1.ManagedFieldsEntry {
	key := string(operation) + fields.GetRawString()
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.known[key]; ok {
		return known
	}
	if len(s.known) >= mostShared || s.known == nil {
		s.known = map[string][]metav1.ManagedFieldsEntry{}
	}
	made := []metav1.ManagedFieldsEntry{{Manager: xosv1.FieldManager, Operation: operation, FieldsV1: metav1.NewFieldsV1(fields.GetRawString())}}
	s.known[key] = made
	return made
}
