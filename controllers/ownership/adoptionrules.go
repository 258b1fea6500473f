package ownership

import (
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// AdoptionRuleOf is the rule for the adoption of objects of a kind, be it by a custom
// resource's controller or by a blob.
func AdoptionRuleOf(kind schema.GroupKind) AdoptionRule { return adoptionRules[kind] }

var adoptionRules = map[schema.GroupKind]AdoptionRule{
	{Kind: "Namespace"}:      {Consent: ConsentOfOwner, Shared: true},
	{Kind: "ServiceAccount"}: {Consent: ConsentOfObject, Kept: defaultAccount},
	{Kind: "ConfigMap"}:      {Kept: rootCertificates},
	{Kind: "Secret"}:         {Kept: clusterToken},
	{Kind: "Pod"}:            {Consent: ConsentForWorkloads},
	{Group: rbacv1.GroupName, Kind: "RoleBinding"}: {Consent: ConsentOfObject},
	{Group: rbacv1.GroupName, Kind: "Role"}:        {Consent: ConsentOfObject},
	{Group: appsv1.GroupName, Kind: "Deployment"}:  {Consent: ConsentForWorkloads},
	{Group: appsv1.GroupName, Kind: "StatefulSet"}: {Consent: ConsentForWorkloads},
	{Group: appsv1.GroupName, Kind: "DaemonSet"}:   {Consent: ConsentForWorkloads},
	{Group: appsv1.GroupName, Kind: "ReplicaSet"}:  {Consent: ConsentForWorkloads},
	{Group: batchv1.GroupName, Kind: "Job"}:        {Consent: ConsentForWorkloads},
	{Group: batchv1.GroupName, Kind: "CronJob"}:    {Consent: ConsentForWorkloads},
}

// What each namespace has from its creation, and what a part of Kubernetes creates for
// itself, can't be adopted.

func defaultAccount(o metav1.Object) bool { return o.GetName() == "default" }

func rootCertificates(o metav1.Object) bool { return o.GetName() == "kube-root-ca.crt" }

// clusterToken names tokens of accounts and of joining nodes. An object of a blob is
// known by its metadata alone, which identifies them as well.
func clusterToken(o metav1.Object) bool {
	if s, ok := o.(*corev1.Secret); ok && (s.Type == corev1.SecretTypeServiceAccountToken || s.Type == corev1.SecretTypeBootstrapToken) {
		return true
	}
	return o.GetAnnotations()[corev1.ServiceAccountNameKey] != "" || strings.HasPrefix(o.GetName(), "bootstrap-token-")
}
