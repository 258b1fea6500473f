package checks

import (
	"crypto/sha256"
	_ "embed" // schemas.json
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// schemas.json has the fingerprints of crds/ as this program was built with them, by the names
// of the definitions. TestTheFingerprintsAreThoseOfTheDefinitions writes it with -update.
//
//go:embed schemas.json
var schemas []byte

// fingerprint returns a hash of the schema of a definition's version. Tools that install a
// definition add to its metadata; its schema stays as it is.
func fingerprint(d *apiextensionsv1.CustomResourceDefinition) (string, error) {
	at := slices.IndexFunc(d.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool {
		return v.Name == xosv1.SchemeGroupVersion.Version
	})
	if at < 0 || d.Spec.Versions[at].Schema == nil {
		return "", nil
	}
	text, err := json.Marshal(d.Spec.Versions[at].Schema)
	if err != nil {
		return "", fmt.Errorf("encode the schema of %s: %w", d.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8]), nil
}

func definitions(f Facts) Result {
	const apply = "apply crds/ and deploy/ of one version, and use a plugin of the same"
	if f.Served.Unread != "" {
		return warning("", "which kinds are served is not known: %s", f.Served.Unread)
	}
	var missing []string
	for _, k := range snapshot.Kinds {
		if !slices.Contains(f.Served.Value, k.Name) {
			missing = append(missing, k.Name)
		}
	}
	switch {
	case len(missing) == len(snapshot.Kinds):
		return problem("install the definitions: kubectl apply --server-side -f crds/", "the cluster does not serve %s", xosv1.SchemeGroupVersion)
	case len(missing) > 0:
		return problem(apply, "these kinds are not served: %s", list(missing))
	case f.Definitions.Unread != "":
		return ok("all %d kinds are served; whether they are of this plugin's version is not known: %s", len(snapshot.Kinds), f.Definitions.Unread)
	}
	expected := map[string]string{}
	if err := json.Unmarshal(schemas, &expected); err != nil {
		panic(err) // a test reads it
	}
	var others, unestablished []string
	for i := range f.Definitions.Value {
		d := &f.Definitions.Value[i]
		if want, ours := expected[d.Name]; ours {
			if got, err := fingerprint(d); err != nil || got != want {
				others = append(others, d.Name)
			}
			if !established(d) {
				unestablished = append(unestablished, d.Name)
			}
		}
	}
	switch {
	case len(unestablished) > 0:
		return problem("kubectl describe crd says why", "these definitions are not established, or are being deleted: %s", list(unestablished))
	case len(others) > 0:
		return warning(apply, "these definitions have another schema than those of this plugin's version: %s", list(others))
	}
	return ok("all %d kinds are served, with the schema of this plugin's version", len(snapshot.Kinds))
}

// established returns whether the API server serves a definition, and will go on to.
func established(d *apiextensionsv1.CustomResourceDefinition) bool {
	return d.DeletionTimestamp == nil && slices.ContainsFunc(d.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
	})
}
