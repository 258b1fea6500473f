package controllers

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/engine"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
	"xos.opencord.org/kubernetes-service/controllers/verdict"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetessecrets,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetessecrets/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetessecrets/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch;create;patch;delete

// secretController materializes each KubernetesSecret as a Secret. No message of this
// file holds a value, only names and keys.
func secretController(c *cluster.Cluster, opts engine.Options) (engine.Controller, error) {
	domain := domainNamed(c, func(s *xosv1.KubernetesSecret) string { return s.Spec.TrustDomain })
	return engine.New(engine.Kind[*xosv1.KubernetesSecret]{
		Resource: c.KubernetesSecrets,
		References: append(inDomain(c, func(s *xosv1.KubernetesSecret) string { return s.Spec.TrustDomain }),
			engine.RefersTo(c.SecretSources, "data-from", sourcesOf)),
		Namespace: domain.namespace,
		Adoption:  domain.adoption,
		Owns:      []engine.Owned{c.Secrets},
		Plan: func(s *xosv1.KubernetesSecret, plan *engine.Plan[*xosv1.KubernetesSecret]) error {
			namespace, err := trustdomain.Place(c, s, s.Spec.TrustDomain)
			if err != nil {
				return err
			}
			if err := notOfItself(s, namespace); err != nil {
				return err
			}
			sources, err := readSources(c, s)
			if err != nil {
				return err
			}
			secret := engine.Own(plan, c.Secrets, desired.Secret(s, namespace, sources))
			plan.Observe(func(into *xosv1.KubernetesSecret) verdict.Outcome {
				into.Status.BackendHandle = secret.Handle()
				return secret.Present()
			})
			return nil
		},
	}, opts)
}

// notOfItself refuses a spec that takes values from the very Secret that it makes:
// a value, once there, could never go again. The schema refuses it where the
// trust domain is left out, but a rule does not know the object's namespace, so
// that it can't tell whether the domain that is named is that namespace's.
func notOfItself(s *xosv1.KubernetesSecret, namespace string) error {
	itself := func(from xosv1.SecretSource) bool { return from.Name == s.Name }
	if s.Namespace != namespace || !slices.ContainsFunc(s.Spec.DataFrom, itself) {
		return nil
	}
	return verdict.Refuse(xosv1.ReasonInvalid, "spec.dataFrom names Secret %s/%s, which this object makes: take another name for one of them", namespace, s.Name)
}

// sourcesOf are the Secrets that a spec takes values from.
func sourcesOf(s *xosv1.KubernetesSecret) []string {
	var keys []string
	for _, from := range s.Spec.DataFrom {
		keys = append(keys, named(s.Namespace, from.Name)...)
	}
	return keys
}

func readSources(c *cluster.Cluster, s *xosv1.KubernetesSecret) (map[string]map[string][]byte, error) {
	sources := map[string]map[string][]byte{}
	for _, from := range s.Spec.DataFrom {
		source, found, err := c.SecretSources.Get(cache.NewObjectName(s.Namespace, from.Name))
		switch {
		case err != nil:
			return nil, fmt.Errorf("read Secret %s of spec.dataFrom: %w", from.Name, err)
		case !found:
			return nil, verdict.WaitFor("Secret %s/%s of spec.dataFrom does not exist", s.Namespace, from.Name)
		}
		if missing := desired.MissingKeys(from, source.Data); len(missing) > 0 {
			return nil, verdict.WaitFor("Secret %s/%s of spec.dataFrom has no key %s", s.Namespace, from.Name, strings.Join(missing, ", "))
		}
		sources[from.Name] = source.Data
	}
	return sources, nil
}
