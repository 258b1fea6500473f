package manifest

import (
	"encoding/base64"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

func isSecret(kind schema.GroupKind) bool { return kind == schema.GroupKind{Kind: "Secret"} }

// encodeStringData writes a Secret's stringData as data. stringData is write-only: the server
// merges it into data and does not record who declared which key, so a key that is removed from
// stringData would remain for ever.
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
