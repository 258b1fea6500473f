// Package cluster declares which resources the controllers and the pull read and write, and
// through which clients and caches. It may import package store, the generated code and client-go;
// it holds no logic.
package cluster

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	batchv1ac "k8s.io/client-go/applyconfigurations/batch/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	rbacv1ac "k8s.io/client-go/applyconfigurations/rbac/v1"
	"k8s.io/client-go/informers"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/customclient"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/store/compact"
	"xos.opencord.org/kubernetes-service/controllers/store/kinds"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
	"xos.opencord.org/kubernetes-service/generated/clientset/versioned"
	"xos.opencord.org/kubernetes-service/generated/informers/externalversions"
)

// Cluster is one cluster as the controllers see it: its clients, and every resource that they read
// or write, each with one cache. The custom resources and what they own are in the same cluster
// today; only this type depends on that.
type Cluster struct {
	// Kubernetes, XOS and Metadata are the clients. Controllers write through
	// the kinds below; the pull and the manager use the clients directly.
	Kubernetes kubernetes.Interface
	XOS        versioned.Interface
	Metadata   metadata.Interface

	// Kinds knows which kinds the cluster serves, and where.
	Kinds *kinds.Kinds

	// Config is the configuration of the clients, for clients that impersonate an account.
	Config *rest.Config

	KubernetesServices           *store.Custom[*xosv1.KubernetesService]
	KubernetesNodes              *store.Custom[*xosv1.KubernetesNode]
	Sites                        *store.Custom[*xosv1.Site]
	Images                       *store.Custom[*xosv1.Image]
	TrustDomains                 *store.Custom[*xosv1.TrustDomain]
	Principals                   *store.Custom[*xosv1.Principal]
	Slices                       *store.Custom[*xosv1.Slice]
	KubernetesServiceInstances   *store.Custom[*xosv1.KubernetesServiceInstance]
	KubernetesConfigMaps         *store.Custom[*xosv1.KubernetesConfigMap]
	KubernetesSecrets            *store.Custom[*xosv1.KubernetesSecret]
	KubernetesConfigVolumeMounts *store.Custom[*xosv1.KubernetesConfigVolumeMount]
	KubernetesSecretVolumeMounts *store.Custom[*xosv1.KubernetesSecretVolumeMount]
	KubernetesResourceInstances  *store.Custom[*xosv1.KubernetesResourceInstance]
	Services                     *store.Custom[*xosv1.Service]
	ServicePorts                 *store.Custom[*xosv1.ServicePort]

	// Namespaces are cached whole. So are the pods of instances and slices; of others what
	// observe.ReducePod leaves, in the form of package compact.
	Namespaces *store.Native[*corev1.Namespace, *corev1ac.NamespaceApplyConfiguration]
	Pods       *store.Native[*corev1.Pod, *corev1ac.PodApplyConfiguration]
	// Of these all objects are cached: owned ones whole, others as observe.Reduce leaves them. The
	// native kinds read the owned ones only; the pull reads all, through their Resources.
	ServiceAccounts *store.Native[*corev1.ServiceAccount, *corev1ac.ServiceAccountApplyConfiguration]
	Deployments     *store.Native[*appsv1.Deployment, *appsv1ac.DeploymentApplyConfiguration]
	StatefulSets    *store.Native[*appsv1.StatefulSet, *appsv1ac.StatefulSetApplyConfiguration]
	DaemonSets      *store.Native[*appsv1.DaemonSet, *appsv1ac.DaemonSetApplyConfiguration]
	ReplicaSets     *store.Native[*appsv1.ReplicaSet, *appsv1ac.ReplicaSetApplyConfiguration]
	CronJobs        *store.Native[*batchv1.CronJob, *batchv1ac.CronJobApplyConfiguration]
	// Jobs count as owned if they carry a slice's label: a CronJob of a slice created them, or the
	// controllers did.
	Jobs *store.Native[*batchv1.Job, *batchv1ac.JobApplyConfiguration]
	// Of these only owned objects are cached.
	RoleBindings   *store.Native[*rbacv1.RoleBinding, *rbacv1ac.RoleBindingApplyConfiguration]
	ConfigMaps     *store.Native[*corev1.ConfigMap, *corev1ac.ConfigMapApplyConfiguration]
	Secrets        *store.Native[*corev1.Secret, *corev1ac.SecretApplyConfiguration]
	NativeServices *store.Native[*corev1.Service, *corev1ac.ServiceApplyConfiguration]
	// FailedCreateEvents are the Events by which native controllers report that they could not
	// create a pod or a job.
	FailedCreateEvents *store.Resource[*corev1.Event]
	// SecretSources are the Secrets that some KubernetesSecret takes values
	// from, each watched by itself.
	SecretSources *store.SingleObjects[*corev1.Secret]
	// Nodes are cached as observe.ReduceNode leaves them. They are counted, and the pull records
	// them.
	Nodes *store.Resource[*corev1.Node]

	factories []factory
	closers   []func()
	caches    []store.Cache
}

// factory is what the three kinds of informer factories have in common.
type factory interface {
	Start(stop <-chan struct{})
	Shutdown()
}

// New creates the clients and the caches for the cluster behind a configuration. It sends no
// request. The client-side rate limit is disabled: API Priority and Fairness limits the requests.
func New(config *rest.Config) (*Cluster, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1
	c := &Cluster{Config: config}
	var err error
	if c.XOS, err = customclient.New(config); err != nil {
		return nil, fmt.Errorf("make a client of custom resources: %w", err)
	}
	if c.Metadata, err = metadata.NewForConfig(config); err != nil {
		return nil, fmt.Errorf("make a client of metadata: %w", err)
	}
	native := rest.CopyConfig(config)
	native.ContentType = "application/vnd.kubernetes.protobuf"
	if c.Kubernetes, err = kubernetes.NewForConfig(native); err != nil {
		return nil, fmt.Errorf("make a client of native resources: %w", err)
	}
	c.Kinds = kinds.New(c.Kubernetes.Discovery())
	c.addCustom()
	c.addNative()
	c.addIndexes()
	return c, nil
}

// Start fills the caches and updates them until stop is closed. All controllers must have been
// created before.
func (c *Cluster) Start(stop <-chan struct{}) {
	for _, f := range c.factories {
		f.Start(stop)
	}
}

// Unfilled returns the resources whose caches lack their first list, as "cronjobs.batch", sorted.
func (c *Cluster) Unfilled() []string { return store.Unfilled(c.caches) }

// HasSynced returns whether all caches hold their whole first list.
func (c *Cluster) HasSynced() bool { return len(c.Unfilled()) == 0 }

// Shutdown waits until the informers have stopped, after stop was closed.
func (c *Cluster) Shutdown() {
	c.SecretSources.Stop()
	for _, stop := range c.closers {
		stop()
	}
	for _, f := range c.factories {
		f.Shutdown()
	}
}

// OnShutdown registers a function that Shutdown calls, to stop what was started besides the caches
// above.
func (c *Cluster) OnShutdown(stop func()) { c.closers = append(c.closers, stop) }

func (c *Cluster) addCustom() {
	all := externalversions.NewSharedInformerFactoryWithOptions(c.XOS, 0, externalversions.WithTransform(trimCustom))
	c.factories = append(c.factories, all)
	xos, in := c.XOS.XosV1(), all.Xos().V1()
	c.KubernetesServices = track(c, store.NewCustom(kind("KubernetesService"), "kubernetesservices", in.KubernetesServices().Informer(), store.ClusterScoped(xos.KubernetesServices)))
	c.KubernetesNodes = track(c, store.NewCustom(kind("KubernetesNode"), "kubernetesnodes", in.KubernetesNodes().Informer(), store.ClusterScoped(xos.KubernetesNodes)))
	c.Sites = track(c, store.NewCustom(kind("Site"), "sites", in.Sites().Informer(), store.ClusterScoped(xos.Sites)))
	c.Images = track(c, store.NewCustom(kind("Image"), "images", in.Images().Informer(), store.ClusterScoped(xos.Images)))
	c.TrustDomains = track(c, store.NewCustom(kind("TrustDomain"), "trustdomains", in.TrustDomains().Informer(), store.ClusterScoped(xos.TrustDomains)))
	c.Principals = track(c, store.NewCustom(kind("Principal"), "principals", in.Principals().Informer(), xos.Principals))
	c.Slices = track(c, store.NewCustom(kind("Slice"), "slices", in.Slices().Informer(), xos.Slices))
	c.KubernetesServiceInstances = track(c, store.NewCustom(kind("KubernetesServiceInstance"), "kubernetesserviceinstances", in.KubernetesServiceInstances().Informer(), xos.KubernetesServiceInstances))
	c.KubernetesConfigMaps = track(c, store.NewCustom(kind("KubernetesConfigMap"), "kubernetesconfigmaps", in.KubernetesConfigMaps().Informer(), xos.KubernetesConfigMaps))
	c.KubernetesSecrets = track(c, store.NewCustom(kind("KubernetesSecret"), "kubernetessecrets", in.KubernetesSecrets().Informer(), xos.KubernetesSecrets))
	c.KubernetesConfigVolumeMounts = track(c, store.NewCustom(kind("KubernetesConfigVolumeMount"), "kubernetesconfigvolumemounts", in.KubernetesConfigVolumeMounts().Informer(), xos.KubernetesConfigVolumeMounts))
	c.KubernetesSecretVolumeMounts = track(c, store.NewCustom(kind("KubernetesSecretVolumeMount"), "kubernetessecretvolumemounts", in.KubernetesSecretVolumeMounts().Informer(), xos.KubernetesSecretVolumeMounts))
	c.KubernetesResourceInstances = track(c, store.NewCustom(kind("KubernetesResourceInstance"), "kubernetesresourceinstances", in.KubernetesResourceInstances().Informer(), xos.KubernetesResourceInstances))
	c.Services = track(c, store.NewCustom(kind("Service"), "services", in.Services().Informer(), xos.Services))
	c.ServicePorts = track(c, store.NewCustom(kind("ServicePort"), "serviceports", in.ServicePorts().Informer(), xos.ServicePorts))
}

func (c *Cluster) addNative() {
	everything := informers.NewSharedInformerFactoryWithOptions(c.Kubernetes, 0, informers.WithTransform(trimPods))
	ours := informers.NewSharedInformerFactoryWithOptions(c.Kubernetes, 0, informers.WithTransform(trim),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) {
			o.LabelSelector = labels.Set{xosv1.ManagedByLabel: xosv1.ManagedByValue}.String()
		}))
	shared := informers.NewSharedInformerFactoryWithOptions(c.Kubernetes, 0, informers.WithTransform(reduce))
	refusals := informers.NewSharedInformerFactoryWithOptions(c.Kubernetes, 0, informers.WithTransform(trimFailedCreate), informers.WithTweakListOptions(failedCreateOnly))
	nodes := informers.NewSharedInformerFactoryWithOptions(c.Kubernetes, 0, informers.WithTransform(reduceNode))
	c.factories = append(c.factories, everything, ours, shared, refusals, nodes)

	core, rbac := corev1.SchemeGroupVersion, rbacv1.SchemeGroupVersion
	coreClient, rbacClient := c.Kubernetes.CoreV1(), c.Kubernetes.RbacV1()
	all, own := everything.Core().V1(), ours.Core().V1()
	c.Namespaces = trackNative(c, store.NewNative(core.WithKind("Namespace"), "namespaces", all.Namespaces().Informer(), store.ClusterScoped(coreClient.Namespaces)).
		Protect(func(name cache.ObjectName) bool { return trustdomain.Builtin(name.Name) }).Await(observe.NamespaceRemains))
	c.Pods = trackNative(c, store.NewNative(core.WithKind("Pod"), "pods", all.Pods().Informer(), coreClient.Pods).SelectedByLabels())
	c.ServiceAccounts = trackNative(c, store.NewNative(core.WithKind("ServiceAccount"), "serviceaccounts", shared.Core().V1().ServiceAccounts().Informer(), coreClient.ServiceAccounts).Only(isOurs))
	c.RoleBindings = trackNative(c, store.NewNative(rbac.WithKind("RoleBinding"), "rolebindings", ours.Rbac().V1().RoleBindings().Informer(), rbacClient.RoleBindings).
		NeverRelease())
	c.ConfigMaps = trackNative(c, store.NewNative(core.WithKind("ConfigMap"), "configmaps", own.ConfigMaps().Informer(), coreClient.ConfigMaps))
	c.Secrets = trackNative(c, store.NewNative(core.WithKind("Secret"), "secrets", own.Secrets().Informer(), coreClient.Secrets))
	c.NativeServices = trackNative(c, store.NewNative(core.WithKind("Service"), "services", own.Services().Informer(), coreClient.Services))
	apps, batch := appsv1.SchemeGroupVersion, batchv1.SchemeGroupVersion
	appsClient, batchClient := c.Kubernetes.AppsV1(), c.Kubernetes.BatchV1()
	sharedApps, sharedBatch := shared.Apps().V1(), shared.Batch().V1()
	c.Deployments = trackNative(c, store.NewNative(apps.WithKind("Deployment"), "deployments", sharedApps.Deployments().Informer(), appsClient.Deployments).Only(isOurs))
	c.StatefulSets = trackNative(c, store.NewNative(apps.WithKind("StatefulSet"), "statefulsets", sharedApps.StatefulSets().Informer(), appsClient.StatefulSets).Only(isOurs))
	c.DaemonSets = trackNative(c, store.NewNative(apps.WithKind("DaemonSet"), "daemonsets", sharedApps.DaemonSets().Informer(), appsClient.DaemonSets).Only(isOurs))
	c.ReplicaSets = trackNative(c, store.NewNative(apps.WithKind("ReplicaSet"), "replicasets", sharedApps.ReplicaSets().Informer(), appsClient.ReplicaSets).Only(isOurs))
	c.Jobs = trackNative(c, store.NewNative(batch.WithKind("Job"), "jobs", sharedBatch.Jobs().Informer(), batchClient.Jobs).Only(isOfSlice).Finishes(observe.Finished))
	c.CronJobs = trackNative(c, store.NewNative(batch.WithKind("CronJob"), "cronjobs", sharedBatch.CronJobs().Informer(), batchClient.CronJobs).Only(isOurs))
	c.FailedCreateEvents = track(c, store.NewResource[*corev1.Event](core.WithKind("Event"), "events", refusals.Core().V1().Events().Informer()))
	c.SecretSources = store.NewSingleObjects[*corev1.Secret](func(namespace string, tweak func(*metav1.ListOptions)) cache.SharedIndexInformer {
		informer := coreinformers.NewFilteredSecretInformer(c.Kubernetes, namespace, 0, nil, tweak)
		_ = informer.SetTransform(trim) // fails only of an informer that runs
		return informer
	})
	c.Nodes = track(c, store.NewResource[*corev1.Node](core.WithKind("Node"), "nodes", nodes.Core().V1().Nodes().Informer()))
}

// addIndexes adds the indexes and counters that several packages read.
func (c *Cluster) addIndexes() {
	c.KubernetesServiceInstances.AddIndex(InstancesBySlice, SliceOf)
	c.KubernetesServiceInstances.AddCounter(InstancesBySlice, SliceOf)
	c.KubernetesServiceInstances.AddIndex(InstancesByImage, ImageOf)
	c.Images.AddIndex(ImagesByIdentity, IdentityOf)
	c.TrustDomains.AddIndex(DomainsByNamespace, NamespaceOf)
}

// track adds a resource to those that Unfilled checks.
func track[R store.Cache](c *Cluster, resource R) R {
	c.caches = append(c.caches, resource)
	return resource
}

// trackNative is track for a native kind, with its adoption rule and the namespaces that it may be
// written in.
func trackNative[O store.Object, A ownership.Configuration[A]](c *Cluster, native *store.Native[O, A]) *store.Native[O, A] {
	return track(c, native.AdoptBy(ownership.AdoptionRuleOf(native.Kind.GroupKind())).OpenedBy(c.opened))
}

func kind(name string) schema.GroupVersionKind { return xosv1.SchemeGroupVersion.WithKind(name) }

// failedCreateOnly limits a list or watch of Events to those by which native controllers report
// that they could not create a pod or a job. A cluster has few of them, and many others.
func failedCreateOnly(o *metav1.ListOptions) {
	o.FieldSelector = fields.Set{"reason": "FailedCreate", "type": corev1.EventTypeWarning}.String()
}

// trimFailedCreate is the transform of those Events.
func trimFailedCreate(object any) (any, error) {
	if e, ok := object.(*corev1.Event); ok {
		return observe.FailedCreate(e), nil
	}
	return object, nil
}

// isOurs returns whether an object carries the managed-by label of XOS.
func isOurs(o metav1.Object) bool { return o.GetLabels()[xosv1.ManagedByLabel] == xosv1.ManagedByValue }

// isOfSlice returns whether an object carries a slice's label.
func isOfSlice(o metav1.Object) bool {
	_, ok := o.GetLabels()[xosv1.SliceLabel]
	return ok
}

// reduce is trim for kinds of which other clients' objects are cached in part.
func reduce(object any) (any, error) {
	o, ok := object.(metav1.Object)
	if !ok {
		return object, nil
	}
	store.Trim(o)
	if !isOurs(o) && !isOfSlice(o) {
		observe.Reduce(o)
	}
	return object, nil
}

// reduceNode is the transform of nodes, of which most is of no use here.
func reduceNode(object any) (any, error) {
	if node, ok := object.(*corev1.Node); ok {
		store.Trim(node)
		observe.ReduceNode(node)
	}
	return object, nil
}

// trimPods is trim for pods, of which those of other clients are cached in part. The end of an object
// that was missed, and an object that has its form already, stay as they are.
func trimPods(object any) (any, error) {
	pod, ok := object.(*corev1.Pod)
	if !ok {
		return trim(object)
	}
	store.Trim(pod)
	if !observe.IsForeignPod(pod) {
		return pod, nil
	}
	observe.ReducePod(pod)
	return compact.Pod(pod), nil
}

// trimCustom is trim for custom resources, of which the records of pods are as many as there are
// pods.
func trimCustom(object any) (any, error) {
	i, ok := object.(*xosv1.KubernetesServiceInstance)
	if !ok {
		return trim(object)
	}
	store.Trim(i)
	if i.Labels[xosv1.PulledLabel] != xosv1.PulledValue || xosv1.IsManaged(i) {
		return i, nil
	}
	return compact.Instance(i), nil
}

// trim is the informers' transform.
func trim(object any) (any, error) {
	if o, ok := object.(metav1.Object); ok {
		store.Trim(o)
	}
	return object, nil
}
