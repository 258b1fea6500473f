package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// covers says whether an object already is as a configuration wants it: merging
// the one into the other, by the merge rules of the object's own Go type, would
// change nothing. What the server defaulted and what others added beside our
// fields does not count.
func covers[O Object](live O, want []byte) (bool, error) {
	have, err := json.Marshal(live)
	if err != nil {
		return false, fmt.Errorf("encode %T: %w", live, err)
	}
	patch, err := untyped(want)
	if err != nil {
		return false, fmt.Errorf("read what is wanted of %T: %w", live, err)
	}
	merged, err := strategicpatch.StrategicMergePatch(have, patch, live)
	if err != nil {
		return false, fmt.Errorf("merge into %T: %w", live, err)
	}
	plain, err := canonical(have)
	if err != nil {
		return false, fmt.Errorf("read back %T: %w", live, err)
	}
	return bytes.Equal(plain, merged), nil
}

// untyped leaves out version and kind, which typed clients take off what they
// return.
func untyped(want []byte) ([]byte, error) {
	var tree map[string]json.RawMessage
	if err := json.Unmarshal(want, &tree); err != nil {
		return nil, err
	}
	delete(tree, "apiVersion")
	delete(tree, "kind")
	return json.Marshal(tree)
}

// canonical writes JSON with its keys in order, as a merge does.
func canonical(data []byte) ([]byte, error) {
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// fingerprint identifies what a configuration wants, in 22 characters. It is
// kept on the object: where it differs something was wanted earlier that is not
// wanted now, which a look at the object alone can't tell.
func fingerprint(want []byte) string {
	sum := sha256.Sum256(want)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Fingerprint is what an object of ours was last written with; empty where it
// carries no mark.
func Fingerprint(o metav1.Object) string {
	return strings.TrimSuffix(o.GetAnnotations()[xosv1.AppliedAnnotation], createdMark)
}
