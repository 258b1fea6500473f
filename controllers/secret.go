package controllers

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetessecrets,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetessecrets/status,verbs=patch
// +kubebuilder:rbac:groups=xos.opencord.org,resources=kubernetessecrets/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch;create;patch;delete

// secretController materializes each KubernetesSecret as a Secret. Messages contain names and
// keys, never a value.
func secretController(c *cluster.Cluster, opts reconciler.Options) (reconciler.Controller, error) {
	domain := domainNamed(c, func(s *xosv1.KubernetesSecret) string { return s.Spec.TrustDomain })
	return reconciler.New(reconciler.Kind[*xosv1.KubernetesSecret]{
		Resource: c.KubernetesSecrets,
		References: append(inDomain(c, func(s *xosv1.KubernetesSecret) string { return s.Spec.TrustDomain }),
			reconciler.WatchesSingly(c.SecretSources, "data-from", sourcesOf)),
		Namespace: domain.namespace,
		Manages:   domain.manages,
		Adoption:  domain.adoption,
		Owns:      []store.Owned{c.Secrets},
		Plan: func(s *xosv1.KubernetesSecret, plan *reconciler.Plan[*xosv1.KubernetesSecret]) error {
			namespace, err := trustdomain.TargetNamespace(c, s, s.Spec.TrustDomain)
			if err != nil {
				return err
			}
			if err := checkNotOwnSource(s, namespace); err != nil {
				return err
			}
			sources, err := readSources(c, s, namespace)
			if err != nil {
				return err
			}
			secret := reconciler.Own(plan, c.Secrets, desired.Secret(s, namespace, sources))
			plan.ComputeStatus(func(into *xosv1.KubernetesSecret) outcome.Outcome {
				into.Status.BackendHandle = secret.Handle()
				return secret.Present()
			})
			return nil
		},
	}, opts)
}

// checkNotOwnSource refuses a spec that takes values from the Secret that it creates: a value,
// once there, could never be removed. The schema refuses it where the trust domain is omitted; a
// CEL rule can't read the object's namespace, so it can't decide where the domain is named.
func checkNotOwnSource(s *xosv1.KubernetesSecret, namespace string) error {
	itself := func(from xosv1.SecretSource) bool { return from.Name == s.Name }
	if s.Namespace != namespace || !slices.ContainsFunc(s.Spec.DataFrom, itself) {
		return nil
	}
	return outcome.Refuse(xosv1.ReasonInvalid, "spec.dataFrom names Secret %s/%s, which this object makes: take another name for one of them", namespace, s.Name)
}

// sourcesOf returns the keys of the Secrets that a spec takes values from.
func sourcesOf(s *xosv1.KubernetesSecret) []string {
	var keys []string
	for _, from := range s.Spec.DataFrom {
		keys = append(keys, named(s.Namespace, from.Name)...)
	}
	return keys
}

func readSources(c *cluster.Cluster, s *xosv1.KubernetesSecret, namespace string) (map[string]map[string][]byte, error) {
	domain, err := trustdomain.Of(c, s, s.Spec.TrustDomain)
	if err != nil {
		return nil, err
	}
	sources := map[string]map[string][]byte{}
	for _, from := range s.Spec.DataFrom {
		source, found, err := c.SecretSources.Get(cache.NewObjectName(s.Namespace, from.Name))
		switch {
		case errors.Is(err, store.ErrTooManySingleObjects):
			return nil, outcome.Refuse(xosv1.ReasonInvalid, "spec.dataFrom names Secret %s/%s, and the KubernetesSecrets of this namespace name more than %d, which is the limit: name fewer, or put their values into one",
				s.Namespace, from.Name, store.MaxSingleObjects)
		case err != nil:
			return nil, fmt.Errorf("read Secret %s of spec.dataFrom: %w", from.Name, err)
		case !found:
			return nil, outcome.WaitFor("Secret %s/%s of spec.dataFrom does not exist", s.Namespace, from.Name)
		}
		if err := mayBeCopied(source, namespace, domain.Name); err != nil {
			return nil, err
		}
		if missing := desired.MissingKeys(from, source.Data); len(missing) > 0 {
			return nil, outcome.WaitFor("Secret %s/%s of spec.dataFrom has no key %s", s.Namespace, from.Name, strings.Join(missing, ", "))
		}
		sources[from.Name] = source.Data
	}
	return sources, nil
}

// mayBeCopied returns an error unless the values of a Secret may be copied into the namespace of a
// trust domain. The author of a KubernetesSecret need not have any right to Secrets: a copy in the
// same namespace grants no more than pods there have, but one in another namespace needs the
// consent of an author of the source.
func mayBeCopied(source *corev1.Secret, namespace, domain string) error {
	switch source.Type {
	case corev1.SecretTypeServiceAccountToken, corev1.SecretTypeBootstrapToken:
		return outcome.Refuse(xosv1.ReasonInvalid, "Secret %s/%s of spec.dataFrom is a token of type %s, which is never copied: take another Secret",
			source.Namespace, source.Name, source.Type)
	}
	if source.Namespace == namespace {
		return nil
	}
	for shared := range strings.SplitSeq(source.Annotations[xosv1.SharedWithAnnotation], ",") {
		if strings.TrimSpace(shared) == domain {
			return nil
		}
	}
	return outcome.NotAdmitted("Secret %s/%s of spec.dataFrom may not be copied into TrustDomain %s, whose namespace is %s: put the annotation %s: %s on that Secret",
		source.Namespace, source.Name, domain, namespace, xosv1.SharedWithAnnotation, domain)
}
