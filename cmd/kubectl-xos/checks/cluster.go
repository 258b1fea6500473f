package checks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/version"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/observe"
)

// clientMinor is the minor version of the client libraries in go.mod: it and the two before it
// are supported.
const clientMinor = 37

func kubernetesVersion(f Facts) Result {
	if !f.ServerVersion.known() {
		return warning("", "the version of the API server is not known: %s", f.ServerVersion.Unread)
	}
	v, err := version.ParseGeneric(f.ServerVersion.Value)
	if err != nil {
		return warning("", "the API server's version %q is not one of Kubernetes", f.ServerVersion.Value)
	}
	supported := fmt.Sprintf("1.%d to 1.%d", clientMinor-2, clientMinor)
	switch {
	case v.LessThan(version.MajorMinor(1, clientMinor-2)):
		return problem("upgrade the cluster, or use an earlier version of the XOS Kubernetes Service", "%s is older than what is supported, %s", v, supported)
	case v.AtLeast(version.MajorMinor(1, clientMinor+1)):
		return warning("upgrade the XOS Kubernetes Service", "%s is newer than what is supported, %s", v, supported)
	}
	return ok("%s is supported, as are %s", v, supported)
}

// secrets has values of Secrets, so those who only look may not list it, nor need to.
const secrets = "kubernetessecrets." + xosv1.GroupName

// Wanted are the resources that commands list, as "resource.group"; of a namespace, those that are
// in one. KubernetesSecrets are not among them.
func Wanted(namespace string) []string {
	resources := []string{"pods"}
	for _, k := range snapshot.Kinds {
		if (k.Namespaced || namespace == "") && k.Resource() != secrets {
			resources = append(resources, k.Resource())
		}
	}
	return resources
}

func rights(f Facts) Result {
	if !f.Access.known() {
		return warning("", "your rights are not known: %s", f.Access.Unread)
	}
	var denied []string
	for _, a := range f.Access.Value {
		if !a.Allowed {
			denied = append(denied, a.Verb+" "+a.Resource)
		}
	}
	where := "in all namespaces"
	if f.Namespace != "" {
		where = "in namespace " + f.Namespace
	}
	if len(denied) == 0 {
		return ok("you may read all that the commands show, %s", where)
	}
	do := "choose your namespace with -n, or ask for a ClusterRoleBinding to ClusterRole view"
	if f.Namespace != "" {
		do = "ask for a RoleBinding to ClusterRole view in the namespace; deploy/tenant-roles.yaml adds the kinds of xos.opencord.org to it"
	}
	return warning(do, "what you may not do %s, commands leave out: %s", where, list(denied))
}

// stuckAfter is how long a deletion may take.
const stuckAfter = 10 * time.Minute

func deletions(f Facts) Result {
	if f.Objects == nil {
		return Result{}
	}
	var stuck []string
	objects := snapshot.Of[xosv1.Object](f.Objects)
	for _, o := range objects {
		t := o.GetDeletionTimestamp()
		if t == nil || f.Now.Sub(t.Time) <= stuckAfter {
			continue
		}
		text := snapshot.RefOf(o).String() + ", " + observe.HeldByFinalizers(o.GetFinalizers())
		if c := meta.FindStatusCondition(o.GetObjectStatus().Conditions, xosv1.ConditionReady); c != nil && c.Reason == xosv1.ReasonTerminating {
			text = snapshot.RefOf(o).String() + ": " + c.Message
		}
		stuck = append(stuck, text)
	}
	if len(stuck) > 0 {
		return problem("see docs/troubleshooting.md#a-deletion-does-not-end", "deletions that take longer than %d minutes: %s", int(stuckAfter.Minutes()), strings.Join(stuck[:min(len(stuck), 10)], "; "))
	}
	var unread []string
	for _, u := range f.Objects.Unread {
		if u.Resource != secrets && u.Why != snapshot.NotServed { // which is another check's
			unread = append(unread, u.Resource)
		}
	}
	if len(unread) > 0 {
		slices.Sort(unread)
		return warning("", "not all deletions are known: what can't be read is %s", list(unread))
	}
	return ok("no object of %d is being deleted for longer than %d minutes", len(objects), int(stuckAfter.Minutes()))
}
