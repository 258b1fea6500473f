package store

import (
	"encoding/json"
	"fmt"
	"hash/maphash"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"xos.opencord.org/kubernetes-service/controllers/managedfields"
)

// Drifted returns whether an object of ours is not as we have written it, and in which
// fields, as far as they can be named. The server's record of what we wrote decides: what
// it made of our write itself, at admission or by its defaults, is still ours, whatever
// the value. Where it has taken a field out of our record nevertheless, the answer to
// our last write of the same configuration is what is compared with.
//
// What was compared once is not compared again while only the object's status changes.
func (n *Native[O, A]) Drifted(live O, want []byte, hash string) (is bool, fields []managedfields.Path, _ error) {
	version, known := n.declared(live, hash)
	if known && n.isAsWanted(live, version) {
		return false, nil, nil
	}
	wanted, there, err := trees(want, live)
	if err != nil {
		return false, nil, err
	}
	is, fields = differs(live, wanted, there)
	if is && n.wasAnswered(live, answerTo(wanted, there, hash)) {
		is, fields = false, nil
	}
	if known && !is {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.asWanted[cache.MetaObjectToName(live)] = version
	}
	return is, fields, nil
}

var versions = maphash.MakeSeed()

// declared is a hash of a configuration and of what there is in an object but its status. There is
// none for a kind of which the API server does not count the changes: the generation that a client
// may have written into such an object says nothing.
func (n *Native[O, A]) declared(live O, hash string) (version uint64, ok bool) {
	counted := n.Kind.Group == appsv1.GroupName || n.Kind.Group == batchv1.GroupName || n.Kind == corev1.SchemeGroupVersion.WithKind("Pod")
	if !counted || live.GetGeneration() == 0 { // before Kubernetes 1.35, a pod's is optional
		return 0, false
	}
	operation, claim := claimIn(live)
	data, err := json.Marshal([]any{
		hash, live.GetUID(), live.GetGeneration(), live.GetLabels(), live.GetAnnotations(), live.GetFinalizers(), live.GetOwnerReferences(), operation,
	})
	if err != nil || claim == nil {
		return 0, false
	}
	var h maphash.Hash
	h.SetSeed(versions)
	_, _ = h.Write(data) // never fails
	_, _ = h.Write(claim.GetRawBytes())
	return h.Sum64(), true
}

func (n *Native[O, A]) isAsWanted(live O, version uint64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	found, ok := n.asWanted[cache.MetaObjectToName(live)]
	return ok && found == version
}

func differs[O Object](live O, wanted, there map[string]any) (is bool, fields []managedfields.Path) {
	operation, claim := claimIn(live)
	if lost, ok := managedfields.Drift(claim, operation, wanted, there); ok {
		return len(lost) > 0, lost
	}
	return !covers(wanted, there), nil
}

// ObserveAnswer remembers what a write of ours has come back with, where that is not what was
// asked for.
func (n *Native[O, A]) ObserveAnswer(got O, want []byte, hash string) {
	wanted, there, err := trees(want, got)
	if err != nil {
		return // then nothing is remembered, and what differs is written once more
	}
	name := cache.MetaObjectToName(got)
	lost, _ := differs(got, wanted, there)
	n.mu.Lock()
	defer n.mu.Unlock()
	if lost || !covers(wanted, there) {
		n.answers[name] = answer{got.GetUID(), answerTo(wanted, there, hash)}
	} else {
		delete(n.answers, name)
		if version, ok := n.declared(got, hash); ok {
			n.asWanted[name] = version
		}
	}
}

// answer is what the server made of our last write of an object, as a fingerprint.
type answer struct {
	uid  types.UID
	made string
}

func (n *Native[O, A]) wasAnswered(live O, made string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.answers[cache.MetaObjectToName(live)] == answer{live.GetUID(), made}
}

// answerTo is the fingerprint of a configuration and of what there is in the fields that it names.
func answerTo(want, have map[string]any, hash string) string {
	data, err := json.Marshal(project(want, have))
	if err != nil {
		return ""
	}
	return FingerprintOf(append([]byte(hash), data...))
}

// project is what there is in the fields that are wanted.
func project(want, have any) any {
	fields, ok := want.(map[string]any)
	there, isMap := have.(map[string]any)
	if !ok || !isMap {
		return have
	}
	seen := make(map[string]any, len(fields))
	for key, value := range fields {
		seen[key] = project(value, there[key])
	}
	return seen
}

// trees decodes what is wanted and what is there.
func trees[O Object](want []byte, live O) (wanted, there map[string]any, _ error) {
	have, err := json.Marshal(live)
	if err != nil {
		return nil, nil, fmt.Errorf("encode %T: %w", live, err)
	}
	if err := json.Unmarshal(have, &there); err != nil {
		return nil, nil, fmt.Errorf("read back %T: %w", live, err)
	}
	if err := json.Unmarshal(want, &wanted); err != nil {
		return nil, nil, fmt.Errorf("read what is wanted of %T: %w", live, err)
	}
	return wanted, there, nil
}
