package doctor

import (
	"context"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/checks"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/cluster"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

const (
	// renewal is how long a renewal of the Lease is awaited: a leader renews it every two seconds.
	renewal = 6 * time.Second
	// renewalInterval is the time between two looks at it.
	renewalInterval = 500 * time.Millisecond
	// kafkaTimeout is how long brokers may take to answer.
	kafkaTimeout = 15 * time.Second
)

// factOf returns a fact by what a request has answered.
func factOf[T any](value T, err error) checks.Fact[T] {
	switch {
	case err == nil:
		return checks.Fact[T]{Value: value}
	case apierrors.IsNotFound(err):
		return checks.Fact[T]{Missing: true}
	}
	return checks.Fact[T]{Unread: err.Error()}
}

// facts finds out what the checks judge. A cluster that can't be reached is the only error.
func (o *options) facts(ctx context.Context, c *cluster.Connection) (*checks.Facts, error) {
	version, err := c.Native.Discovery().ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("ask the API server at %s for its version: %w", c.Config.Host, err)
	}
	f := &checks.Facts{Now: time.Now(), Namespace: c.Namespace, ManagerNamespace: o.managerNamespace, Plugin: pluginVersion()}
	f.ServerVersion.Value = version.GitVersion
	get := metav1.GetOptions{}
	leases := c.Native.CoordinationV1().Leases(o.managerNamespace)
	f.Lease = factOf(leases.Get(ctx, xosv1.FieldManager, get))
	f.Deployment = factOf(c.Native.AppsV1().Deployments(o.managerNamespace).Get(ctx, xosv1.FieldManager, get))
	f.Served = served(c)
	f.Definitions = definitions(ctx, c)
	f.Fence = factOf(c.Native.AdmissionregistrationV1().ValidatingAdmissionPolicies().Get(ctx, checks.FenceName, get))
	if bindings, err := c.Native.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings().List(ctx, metav1.ListOptions{}); err != nil {
		f.Bindings.Unread = err.Error()
	} else {
		f.Bindings.Value = bindings.Items
	}
	f.Cluster = factOf(c.XOS.XosV1().KubernetesServices().Get(ctx, xosv1.DefaultKubernetesService, get))
	f.Access = access(ctx, c)
	if f.Objects, err = c.Read(ctx, c.Namespace, cluster.ModelIn(c.Namespace)...); err != nil {
		return nil, err
	}
	if len(o.brokers) > 0 {
		f.Kafka = o.askKafka(ctx)
	}
	f.Renewed = AwaitRenewal(ctx, f.Lease.Value, func(ctx context.Context) (*coordinationv1.Lease, error) {
		return leases.Get(ctx, xosv1.FieldManager, get)
	})
	return f, ctx.Err()
}

func served(c *cluster.Connection) checks.Fact[[]string] {
	resources, err := c.Native.Discovery().ServerResourcesForGroupVersion(xosv1.SchemeGroupVersion.String())
	if apierrors.IsNotFound(err) {
		return checks.Fact[[]string]{} // none
	}
	if err != nil {
		return checks.Fact[[]string]{Unread: err.Error()}
	}
	var kinds []string
	for _, r := range resources.APIResources {
		kinds = append(kinds, r.Kind)
	}
	return checks.Fact[[]string]{Value: kinds}
}

func definitions(ctx context.Context, c *cluster.Connection) checks.Fact[[]apiextensionsv1.CustomResourceDefinition] {
	var fact checks.Fact[[]apiextensionsv1.CustomResourceDefinition]
	client, err := apiextensions.NewForConfig(c.Config)
	if err != nil {
		fact.Unread = err.Error()
		return fact
	}
	found, err := client.ApiextensionsV1().CustomResourceDefinitions().List(ctx, metav1.ListOptions{})
	if err != nil {
		fact.Unread = err.Error()
		return fact
	}
	for _, d := range found.Items {
		if d.Spec.Group == xosv1.GroupName {
			fact.Value = append(fact.Value, d)
		}
	}
	return fact
}

// access asks the API server what the user may do.
func access(ctx context.Context, c *cluster.Connection) checks.Fact[[]checks.Access] {
	var fact checks.Fact[[]checks.Access]
	for _, resource := range checks.Wanted(c.Namespace) {
		group := schema.ParseGroupResource(resource)
		review, err := c.Native.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
			Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: c.Namespace, Verb: "list", Group: group.Group, Resource: group.Resource,
			}},
		}, metav1.CreateOptions{})
		if err != nil {
			fact.Unread = err.Error()
			return fact
		}
		fact.Value = append(fact.Value, checks.Access{Verb: "list", Resource: resource, Allowed: review.Status.Allowed})
	}
	return fact
}

// AwaitRenewal returns whether a Lease changes while it is looked at.
func AwaitRenewal(ctx context.Context, first *coordinationv1.Lease, get func(context.Context) (*coordinationv1.Lease, error)) bool {
	if first == nil || ptr.Deref(first.Spec.HolderIdentity, "") == "" {
		return false
	}
	err := wait.PollUntilContextTimeout(ctx, renewalInterval, renewal, true, func(ctx context.Context) (bool, error) {
		lease, err := get(ctx)
		return err == nil && ptr.Deref(lease.Spec.HolderIdentity, "") != "" && !lease.Spec.RenewTime.Equal(first.Spec.RenewTime), nil
	})
	return err == nil
}

func (o *options) askKafka(ctx context.Context) *checks.Fact[string] {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	consumer, err := kafka.NewConsumer(ctx, kafka.ConsumerOptions{Brokers: o.brokers, Settings: o.settings, ClientID: "kubectl-xos"}, o.topic, time.Time{})
	if err != nil {
		return &checks.Fact[string]{Unread: err.Error()}
	}
	defer consumer.Close()
	return &checks.Fact[string]{Value: fmt.Sprintf("topic %s is there, with %d partitions, and you may read it", o.topic, consumer.Partitions())}
}
