package controllers

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsv1ac "k8s.io/client-go/applyconfigurations/apps/v1"
	batchv1ac "k8s.io/client-go/applyconfigurations/batch/v1"
	"k8s.io/client-go/tools/cache"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/desired"
	"xos.opencord.org/kubernetes-service/controllers/observe"
	"xos.opencord.org/kubernetes-service/controllers/outcome"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/controllers/reconciler"
	"xos.opencord.org/kubernetes-service/controllers/status"
	"xos.opencord.org/kubernetes-service/controllers/store"
	"xos.opencord.org/kubernetes-service/controllers/trustdomain"
)

// +kubebuilder:rbac:groups=apps,resources=deployments;replicasets;statefulsets;daemonsets,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=batch,resources=jobs;cronjobs,verbs=get;list;watch;create;patch;delete

// workload plans a slice's native controller.
type workload func(c *cluster.Cluster, plan *reconciler.Plan[*xosv1.Slice], in desired.SliceInput) (observed, error)

// observed tells, once the plan was carried out, what there is: the workload's
// API path, and of what a verdict reads the workload, its name and the fields
// that differ from what is wanted and can't be changed.
type observed func() (handle string, seen status.SliceInput)

// workloads are the kinds of controllers that a slice can have.
var workloads = map[string]workload{
	xosv1.ControllerKindDeployment:  workloadOf(deployments, desired.Deployment, observe.Deployment),
	xosv1.ControllerKindStatefulSet: workloadOf(statefulSets, desired.StatefulSet, observe.StatefulSet),
	xosv1.ControllerKindDaemonSet:   workloadOf(daemonSets, desired.DaemonSet, observe.DaemonSet),
	xosv1.ControllerKindReplicaSet:  workloadOf(replicaSets, desired.ReplicaSet, observe.ReplicaSet),
	xosv1.ControllerKindJob:         workloadOf(jobs, desired.Job, observe.Job),
	xosv1.ControllerKindCronJob:     workloadOf(cronJobs, desired.CronJob, observe.CronJob),
}

// workloadOf puts a kind together: where its objects are, what is wanted of one
// and how to read it.
func workloadOf[O store.Object, A ownership.Configuration[A]](
	kept func(*cluster.Cluster) *store.Native[O, A],
	want func(desired.SliceInput) (A, error),
	read func(O) observe.Workload,
) workload {
	return func(c *cluster.Cluster, plan *reconciler.Plan[*xosv1.Slice], in desired.SliceInput) (observed, error) {
		kind := kept(c).Kind
		if err := ownController(in.Slice, kind, in.Namespace); err != nil {
			return nil, err
		}
		in.Revision = mountedRevision(c, in, func() (string, bool) {
			live, found := kept(c).Get(cache.NewObjectName(in.Namespace, in.Slice.Name))
			if !found {
				return "", false
			}
			return read(live).Mounted, true
		})
		configuration, err := want(in)
		if err != nil {
			return nil, outcome.Refuse(xosv1.ReasonInvalid, "%v", err)
		}
		fixed, err := desired.ImmutablePart(in)
		if err != nil {
			return nil, outcome.Refuse(xosv1.ReasonInvalid, "%v", err)
		}
		if fixed != "" {
			configuration = configuration.WithAnnotations(map[string]string{xosv1.FixedAnnotation: fixed})
		}
		child := reconciler.Own(plan, kept(c), configuration)
		frozen := func(live O) string {
			had, wanted := live.GetAnnotations()[xosv1.FixedAnnotation], desired.Selector(in)
			switch {
			// Of one that was taken over it is not known, and a mark that somebody has
			// overwritten tells nothing.
			case had != "" && fixed != "" && had != fixed && !child.AsApplied(live):
				return desired.ImmutableFields(kind.Kind)
			case wanted != "" && read(live).Selector != wanted:
				return desired.ImmutableSelector
			}
			return ""
		}
		child.OnChange(func(live O) reconciler.Change {
			switch {
			case frozen(live) == "":
				return reconciler.Patch
			case in.Slice.Spec.ImmutableFieldPolicy == xosv1.ImmutableFieldPolicyRecreate:
				return reconciler.Replace
			}
			return reconciler.Keep
		})
		child.Done(func(fingerprint string) bool {
			done := in.Slice.Status.FinishedJob
			return done != nil && done.Applied == fingerprint
		})
		if in.Slice.Spec.Template == nil {
			child.Existing(nothingToAdopt(in.Slice, kind))
		}
		return func() (string, status.SliceInput) {
			seen := status.SliceInput{Kind: kind.Kind, Namespace: in.Namespace, Wanted: child.Wanted()}
			live, found := child.Live()
			if !found {
				return "", seen
			}
			shown := read(live)
			seen.Workload, seen.ImmutableFields, seen.AsApplied = &shown, frozen(live), child.AsApplied(live)
			seen.Terminating, seen.Held = child.Terminating(), child.Held()
			seen.Controller = &xosv1.ControllerReference{
				APIVersion: kind.GroupVersion().String(), Kind: kind.Kind, Name: live.GetName(), UID: live.GetUID(),
			}
			return child.Handle(), seen
		}, nil
	}
}

// planWorkload plans the controller of a slice that has one.
func planWorkload(c *cluster.Cluster, s *xosv1.Slice, place string, plan *reconciler.Plan[*xosv1.Slice]) error {
	kind := s.Spec.ControllerKind
	make, ok := workloads[kind]
	if !ok {
		return outcome.Refuse(xosv1.ReasonInvalid, "spec.controllerKind %s is not a kind that a slice can create", kind)
	}
	if n, most := s.Spec.ControllerReplicaCount, s.Spec.MaxInstances; n != nil && most != nil && *n > *most {
		return outcome.Refuse(xosv1.ReasonInvalid, "spec.controllerReplicaCount is %d, more than spec.maxInstances, %d: lower the one or raise the other", *n, *most)
	}
	in, err := sliceInput(c, s, place)
	if err != nil {
		return err
	}
	see, err := make(c, plan, in)
	if err != nil {
		return err
	}
	plan.PruneFirst()
	plan.ComputeStatus(func(into *xosv1.Slice) outcome.Outcome {
		handle, seen := see()
		into.Status.BackendHandle = handle
		into.Status.Instances = instancesOf(c, s)
		seen.Pods = podsOf(c, s, place)
		if seen.Controller != nil {
			seen.Jobs = runsOf(c, place, seen.Controller.UID)
			seen.FailedCreate = failedCreateEventsOf(c, place, seen.Controller.UID, seen.Jobs)
		}
		return status.Slice(into, seen)
	})
	return nil
}

// sliceInput resolves what a slice's template refers to.
func sliceInput(c *cluster.Cluster, s *xosv1.Slice, place string) (desired.SliceInput, error) {
	in := desired.SliceInput{Slice: s, Namespace: place}
	err := allowedTemplate(c, s, s.Spec.TrustDomain, s.Spec.Template)
	if err != nil {
		return in, err
	}
	in.Mounts, err = usableMounts(c, s.Namespace, prefixed("slice/", named(s.Namespace, s.Name)))
	return in, err
}

// allowedTemplate refuses a template that names a priority class which the trust domain
// keeps for Kubernetes' own components.
func allowedTemplate(c *cluster.Cluster, o metav1.Object, domainName string, template *xosv1.PodTemplate) error {
	domain, err := trustdomain.Of(c, o, domainName)
	if err != nil {
		return err
	}
	if class := desired.PriorityNotAllowed(domain, template); class != "" {
		return outcome.NotAdmitted("priority class %s of spec.template.spec.priorityClassName is not among spec.allowedPriorityClasses of TrustDomain %s: leave it out, or name one that does not begin with system-",
			class, domain.Name)
	}
	return nil
}

// neverReplacesPods says whether a kind of controller never replaces its pods by those
// of a newer template.
func neverReplacesPods(kind string) bool {
	return kind == xosv1.ControllerKindReplicaSet || kind == xosv1.ControllerKindJob
}

// podsOf are the pods of a slice's workload.
func podsOf(c *cluster.Cluster, s *xosv1.Slice, place string) []*corev1.Pod {
	return c.Pods.ByIndex(bySliceLabel, place+"/"+cache.NewObjectName(s.Namespace, desired.LabelValue(s.Name)).String())
}

// workloadsSlice is the slice whose workload made a pod, as the pod's labels name
// it.
func workloadsSlice(p *corev1.Pod) []string {
	if p.Labels[xosv1.ControllerKindLabel] == "" {
		return nil
	}
	return labelledSlice(p)
}

// labelledSlice is the slice that an object's labels name.
func labelledSlice(o metav1.Object) []string {
	labels := o.GetLabels()
	return named(labels[xosv1.NamespaceLabel], labels[xosv1.SliceLabel])
}

func deployments(c *cluster.Cluster) *store.Native[*appsv1.Deployment, *appsv1ac.DeploymentApplyConfiguration] {
	return c.Deployments
}

func statefulSets(c *cluster.Cluster) *store.Native[*appsv1.StatefulSet, *appsv1ac.StatefulSetApplyConfiguration] {
	return c.StatefulSets
}

func daemonSets(c *cluster.Cluster) *store.Native[*appsv1.DaemonSet, *appsv1ac.DaemonSetApplyConfiguration] {
	return c.DaemonSets
}

func replicaSets(c *cluster.Cluster) *store.Native[*appsv1.ReplicaSet, *appsv1ac.ReplicaSetApplyConfiguration] {
	return c.ReplicaSets
}

func jobs(c *cluster.Cluster) *store.Native[*batchv1.Job, *batchv1ac.JobApplyConfiguration] {
	return c.Jobs
}

func cronJobs(c *cluster.Cluster) *store.Native[*batchv1.CronJob, *batchv1ac.CronJobApplyConfiguration] {
	return c.CronJobs
}
