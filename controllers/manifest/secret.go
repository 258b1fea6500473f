package manifest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func isSecret(kind schema.GroupKind) bool { return kind == schema.GroupKind{Kind: "Secret"} }

// encodeStringData writes a Secret's stringData as data. stringData is for
// writing only: the server moves it into data and does not remember who declared
// which key, so a key that is taken out of stringData would stay for ever.
func encodeStringData(secret map[string]any) error {
	given := secret["stringData"]
	delete(secret, "stringData")
	if given == nil {
		return nil
	}
	plain, ok := given.(map[string]any)
	if !ok {
		return errors.New("stringData is no mapping")
	}
	if secret["data"] == nil {
		secret["data"] = map[string]any{}
	}
	data, ok := secret["data"].(map[string]any)
	if !ok {
		return errors.New("data is no mapping")
	}
	for key, value := range plain {
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("stringData: the value of %q is no string: put it in quotes", key)
		}
		data[key] = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return nil
}

// Conceal makes an answer of the API server about a Secret fit to be shown: the
// reason and the fields, not the server's words, which may quote a value. Errors
// about other kinds are shown as they are.
func Conceal(id ID, err error) error {
	if err == nil || !isSecret(id.GroupKind()) {
		return err
	}
	var answer *apierrors.StatusError
	if !errors.As(err, &answer) {
		return err // not from the server: it never saw a value
	}
	status := answer.ErrStatus
	message := fmt.Sprintf("%s is refused (%s)", id, status.Reason)
	if fields := causeFields(status.Details); len(fields) > 0 {
		message += ": see " + strings.Join(fields, ", ")
	}
	status.Message = message
	status.Details = nil
	return &apierrors.StatusError{ErrStatus: status}
}

// causeFields are the fields that an answer complains about.
func causeFields(details *metav1.StatusDetails) []string {
	if details == nil {
		return nil
	}
	var fields []string
	for _, cause := range details.Causes {
		if cause.Field != "" && !slices.Contains(fields, cause.Field) {
			fields = append(fields, cause.Field)
		}
	}
	return fields
}
