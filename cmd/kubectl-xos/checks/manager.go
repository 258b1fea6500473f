package checks

import (
	"slices"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/utils/ptr"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// nothingHappens is what to read where no manager is at work.
const nothingHappens = "see docs/troubleshooting.md#nothing-happens"

// elsewhere says what to do where the manager may be in another namespace.
const elsewhere = "name the manager's namespace by --manager-namespace, or install one: docs/install.md"

func lease(f Facts) Result {
	name := f.ManagerNamespace + "/" + xosv1.FieldManager
	switch {
	case f.Lease.Unread != "":
		return warning("", "whether a manager leads is not known: %s", f.Lease.Unread)
	case f.Lease.Missing:
		return problem(elsewhere, "no manager leads: there is no Lease %s", name)
	}
	spec := f.Lease.Value.Spec
	holder := ptr.Deref(spec.HolderIdentity, "")
	switch {
	case holder == "":
		return problem(nothingHappens, "no manager leads: nobody holds Lease %s", name)
	case f.Renewed:
		return ok("%s leads, and renews Lease %s", holder, name)
	case spec.RenewTime == nil:
		return problem(nothingHappens, "no manager leads: %s holds Lease %s and has never renewed it", holder, name)
	}
	return problem(nothingHappens, "no manager leads: %s holds Lease %s and does not renew it, last at %s", holder, name, spec.RenewTime.UTC().Format(time.RFC3339))
}

func deployment(f Facts) Result {
	name := f.ManagerNamespace + "/" + xosv1.FieldManager
	switch {
	case f.Deployment.Unread != "":
		return warning("", "whether the manager runs in the cluster is not known: %s", f.Deployment.Unread)
	case f.Deployment.Missing && f.Renewed:
		return warning("", "there is no Deployment %s: the manager runs outside of the cluster, or under another name", name)
	case f.Deployment.Missing:
		return problem(elsewhere, "there is no Deployment %s", name)
	}
	d := f.Deployment.Value
	wanted, status := ptr.Deref(d.Spec.Replicas, 1), d.Status
	logs := "kubectl -n " + f.ManagerNamespace + " describe pods -l app.kubernetes.io/name=" + xosv1.FieldManager
	switch {
	case wanted == 0:
		return problem("kubectl -n "+f.ManagerNamespace+" scale deployment "+xosv1.FieldManager+" --replicas=2", "Deployment %s is scaled to 0", name)
	case status.ReadyReplicas == 0:
		return problem(logs, "none of %d pods of Deployment %s is ready", wanted, name)
	case status.ReadyReplicas < wanted || status.UpdatedReplicas < status.Replicas:
		return warning(logs, "%d of %d pods of Deployment %s are ready, and %d of its last change", status.ReadyReplicas, wanted, name, status.UpdatedReplicas)
	}
	if managers := d.Labels["app.kubernetes.io/version"]; differ(managers, f.Plugin) {
		return warning("use a plugin of the manager's version", "the manager is of version %s, and this plugin of %s", managers, f.Plugin)
	}
	return ok("%d of %d pods of Deployment %s are ready, with image %s", status.ReadyReplicas, wanted, name, image(d))
}

// differ returns whether two versions are known and differ in more than their patch.
func differ(a, b string) bool {
	x, errX := version.ParseSemantic(a)
	y, errY := version.ParseSemantic(b)
	return errX == nil && errY == nil && (x.Major() != y.Major() || x.Minor() != y.Minor())
}

func image(d *appsv1.Deployment) string {
	for _, c := range d.Spec.Template.Spec.Containers {
		if c.Name == "manager" {
			return c.Image
		}
	}
	return "of no container named manager"
}

// FenceName is the name of the policy that limits what the manager may write, and of its binding.
const FenceName = xosv1.FieldManager + "-fence"

func fence(f Facts) Result {
	const install = "kubectl apply -f deploy/fence.yaml; docs/security.md#the-fence says what it limits"
	switch {
	case f.Fence.Unread != "":
		return warning("", "whether the manager is fenced is not known: %s", f.Fence.Unread)
	case f.Bindings.Unread != "":
		return warning("", "whether the manager is fenced is not known: %s", f.Bindings.Unread)
	case f.Fence.Missing:
		return warning(install, "the manager is not fenced: there is no ValidatingAdmissionPolicy %s", FenceName)
	case !slices.ContainsFunc(f.Bindings.Value, enforces):
		return problem(install, "the fence has no effect: no ValidatingAdmissionPolicyBinding denies what ValidatingAdmissionPolicy %s refuses", FenceName)
	}
	account := "system:serviceaccount:" + f.ManagerNamespace + ":" + xosv1.FieldManager
	if f.Deployment.known() {
		if name := f.Deployment.Value.Spec.Template.Spec.ServiceAccountName; name != "" {
			account = "system:serviceaccount:" + f.ManagerNamespace + ":" + name
		}
	}
	for _, c := range f.Fence.Value.Spec.MatchConditions {
		if !strings.Contains(c.Expression, `"`+account+`"`) && strings.Contains(c.Expression, "request.userInfo.username") {
			return problem("correct the names in the policy: docs/security.md#the-fence", "the fence is not around the manager, which is %s", account)
		}
	}
	return ok("the manager's account %s is fenced", account)
}

// enforces returns whether a binding has the fence refuse requests of all kinds.
func enforces(b admissionv1.ValidatingAdmissionPolicyBinding) bool {
	return b.Spec.PolicyName == FenceName && slices.Contains(b.Spec.ValidationActions, admissionv1.Deny) && b.Spec.MatchResources == nil
}

// events judges what the manager reports of its work. These are words of package status.
func events(f Facts) Result {
	switch {
	case f.Cluster.Unread != "":
		return warning("", "what the manager reports is not known: %s", f.Cluster.Unread)
	case f.Cluster.Missing:
		return problem(nothingHappens, "there is no KubernetesService %s, which a manager creates at its start", xosv1.DefaultKubernetesService)
	}
	const away = "see docs/troubleshooting.md#kafka-is-away"
	c := meta.FindStatusCondition(f.Cluster.Value.Status.Conditions, xosv1.ConditionReady)
	switch {
	case c == nil:
		return problem(nothingHappens, "no manager has reported on the cluster yet")
	case strings.Contains(c.Message, "; events wait, "):
		return problem(away, "%s", c.Message)
	case strings.Contains(c.Message, ", but "), strings.Contains(c.Message, " are lost"), strings.Contains(c.Message, "a full list fails"):
		return warning(away, "%s", c.Message)
	case !ptr.Deref(f.Cluster.Value.Spec.Pull.Enabled, true):
		return ok("%s; spec.pull.enabled is false: pods are not inventoried", c.Message)
	}
	return ok("%s", c.Message)
}

func kafka(f Facts) Result {
	switch {
	case f.Kafka == nil:
		return Result{}
	case f.Kafka.Unread != "":
		return problem("", "%s", f.Kafka.Unread)
	}
	return ok("%s", f.Kafka.Value)
}
