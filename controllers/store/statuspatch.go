package store

import (
	"encoding/json"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// StatusPatch is the merge patch from one object's status to another's; nil
// where JSON shows no difference, as between two times of one second. It names
// the UID, so that a namesake made meanwhile does not get the status.
func StatusPatch(before, after metav1.Object) ([]byte, error) {
	was, err := statusOf(before)
	if err != nil {
		return nil, err
	}
	is, err := statusOf(after)
	if err != nil {
		return nil, err
	}
	difference, err := jsonpatch.CreateMergePatch(was, is)
	if err != nil || string(difference) == "{}" {
		return nil, err
	}
	type metadata struct {
		UID types.UID `json:"uid"`
	}
	return json.Marshal(struct {
		Metadata metadata        `json:"metadata"`
		Status   json.RawMessage `json:"status"`
	}{metadata{before.GetUID()}, difference})
}

// statusOf is an object's status as JSON. The rest, which may be large, is never
// taken apart.
func statusOf(o metav1.Object) (json.RawMessage, error) {
	whole, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	part := struct {
		Status json.RawMessage `json:"status"`
	}{json.RawMessage("{}")}
	err = json.Unmarshal(whole, &part)
	return part.Status, err
}
