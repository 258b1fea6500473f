package pull

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/cluster"
	"xos.opencord.org/kubernetes-service/controllers/names"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
	"xos.opencord.org/kubernetes-service/pull/owners"
	"xos.opencord.org/kubernetes-service/pull/record"
)

// +kubebuilder:rbac:groups=xos.opencord.org,resources=trustdomains;principals;slices;images,verbs=get;list;watch;create;patch;delete

// dependents makes the records of what pods depend on.
type dependents struct {
	cluster *cluster.Cluster
	*records
	resolver     *owners.Resolver
	counterparts *counterparts
	// creating is held while a dependent is created, so that two workers that
	// need the same one don't both create it.
	creating sync.Mutex
}

// ensureDependents sees to it that there is a record of all that a pod depends
// on, and returns the names by which its instance refers to them. One that
// exists already, whoever made it, serves as it is. top is the pod's root owner. kept is
// the instance's slice so far: it stays where the pod's owners can't be read any more.
func (d *dependents) ensureDependents(ctx context.Context, pod *corev1.Pod, top *record.RootOwner, kept string) (record.References, error) {
	seen := record.DependenciesOf(pod)
	domain, err := d.ensureTrustDomain(ctx, pod.Namespace)
	if err != nil {
		return record.References{}, err
	}
	principal, err := d.ensurePrincipal(ctx, pod.Namespace, seen.ServiceAccount, domain)
	if err != nil {
		return record.References{}, err
	}
	for _, ref := range seen.Images {
		if _, err := d.ensureImage(ctx, ref); err != nil {
			return record.References{}, err
		}
	}
	l := record.References{Slice: kept}
	if main, ok := record.MainImage(pod); ok {
		l.Image = d.imageOf(main)
	}
	if kept != "" && top != nil && !top.Known {
		return l, nil
	}
	l.Slice, err = d.ensureSlice(ctx, pod.Namespace, top, domain, principal)
	return l, err
}

// rootOf finds the controller at the top of a pod's owners; nil for a pod without one.
func (d *dependents) rootOf(ctx context.Context, pod *corev1.Pod) (*record.RootOwner, error) {
	top, err := owners.FindRoot(ctx, pod, d.resolver.Read, d.counterparts.createdBySlice)
	if err != nil {
		return nil, fmt.Errorf("find the controller of pod %s: %w", cache.MetaObjectToName(pod), err)
	}
	return top, nil
}

// managerOf is the controller of which Slice manages a pod; empty where none of ours does.
func managerOf(pod *corev1.Pod, top *record.RootOwner) string {
	if top == nil || top.CreatedBy.Kind != record.SliceKind {
		return ""
	}
	slice := top.CreatedBy.Name.String()
	if top.CreatedBy.Name.Namespace == pod.Namespace {
		slice = top.CreatedBy.Name.Name
	}
	return fmt.Sprintf("%s %s/%s of Slice %s", top.Kind, pod.Namespace, top.Name, slice)
}

// ensure returns the name of an object that find knows, or of the one that it
// makes. One thing is made at a time, and looked for again before.
func (d *dependents) ensure(find func() (name string, found bool), create func() (name string, err error)) (string, error) {
	if name, found := find(); found {
		return name, nil
	}
	d.creating.Lock()
	defer d.creating.Unlock()
	if name, found := find(); found {
		return name, nil
	}
	name, err := create()
	var taken *takenError
	if errors.As(err, &taken) {
		klog.Background().Info("What a pod depends on is not recorded: other objects have its names", "names", taken.names)
		return "", nil
	}
	return name, err
}

// takenError says that a record has no name left. Who takes names takes them from the
// records of what a pod depends on, not the pod from the inventory.
type takenError struct{ names []string }

// Error implements error.
func (e *takenError) Error() string { return fmt.Sprintf("the names %q are all taken", e.names) }

// free is the first of several names that no object has.
func free[T any](get func(cache.ObjectName) (T, bool), namespace string, names ...string) (string, error) {
	for _, name := range names {
		if _, taken := get(cache.NewObjectName(namespace, name)); !taken {
			return name, nil
		}
	}
	return "", &takenError{names}
}

// ensureTrustDomain returns the name of the trust domain of a namespace.
func (d *dependents) ensureTrustDomain(ctx context.Context, namespace string) (string, error) {
	return d.ensure(
		func() (string, bool) { return d.trustDomainOf(namespace) },
		func() (string, error) {
			live, ok := d.cluster.Namespaces.Get(cache.NewObjectName("", namespace))
			if !ok {
				return "", fmt.Errorf("namespace %s has not been seen yet", namespace)
			}
			name, err := free(d.trustDomains.Get, "", namespace, names.Append(namespace, names.Hash(namespace), record.MaxName))
			if err != nil {
				return "", err
			}
			_, err = d.trustDomains.Create(ctx, record.NewTrustDomain(name, live))
			return name, err
		})
}

// trustDomainOf is the trust domain that corresponds to a namespace. A user's
// own comes before one that was pulled.
func (d *dependents) trustDomainOf(namespace string) (string, bool) {
	domains := d.trustDomains.ByIndex(cluster.DomainsByNamespace, namespace)
	for _, d := range domains {
		if !record.IsPulled(d) {
			return d.Name, true
		}
	}
	if len(domains) == 0 {
		return "", false
	}
	return domains[0].Name, true
}

// ensurePrincipal returns the name by which slices of the namespace refer to the
// principal of a ServiceAccount. It is empty where there is no account, or where
// its principal is kept in another namespace and can't be named from here.
func (d *dependents) ensurePrincipal(ctx context.Context, namespace, account, domain string) (string, error) {
	if account == "" {
		return "", nil
	}
	return d.ensure(
		func() (string, bool) { return d.principalOf(namespace, account, domain) },
		func() (string, error) {
			name, err := free(d.principals.Get, namespace, account, names.Append(account, names.Hash(namespace, account), record.MaxName))
			if err != nil {
				return "", err
			}
			_, err = d.principals.Create(ctx, record.NewPrincipal(name, namespace, account, domain))
			return name, err
		})
}

func (d *dependents) principalOf(namespace, account, domain string) (name string, found bool) {
	for _, value := range []string{cache.NewObjectName(namespace, account).String(), accountIn(domain, account)} {
		for _, principal := range d.principals.ByIndex(byAccount, value) {
			if principal.Namespace == namespace {
				return principal.Name, true
			}
			found = found || d.hasAccount(principal, cache.NewObjectName(namespace, account))
		}
	}
	return "", found
}

// hasAccount says whether a principal of another namespace made, or took over, a
// ServiceAccount. What its spec says of that is text.
func (d *dependents) hasAccount(principal *xosv1.Principal, account cache.ObjectName) bool {
	live, ok := d.resolver.ServiceAccounts.Get(account)
	if !ok {
		return false
	}
	owner, marked := ownership.OwnerOf(live, record.ServiceAccountKind.GroupKind())
	return marked && xosv1.IsManaged(principal) &&
		owner == ownership.Owner{Kind: record.PrincipalKind, Name: cache.MetaObjectToName(principal), UID: principal.UID}
}

// ensureImage returns the name of the Image of a reference.
func (d *dependents) ensureImage(ctx context.Context, ref record.ImageReference) (string, error) {
	return d.ensure(
		func() (string, bool) { name := d.imageOf(ref); return name, name != "" },
		func() (string, error) {
			name, err := free(d.images.Get, "", ref.ObjectName(), names.Append(ref.ObjectName(), names.Hash(ref.ObjectName()), record.MaxName))
			if err != nil {
				return "", err
			}
			_, err = d.images.Create(ctx, record.NewImage(name, ref))
			return name, err
		})
}

// imageOf is the Image of a reference; empty where there is none. A user's own
// comes before one that was pulled.
func (d *dependents) imageOf(ref record.ImageReference) string {
	name := ""
	for _, image := range d.images.ByIndex(cluster.ImagesByIdentity, ref.Identity()) {
		if !record.IsPulled(image) {
			return image.Name
		}
		if name == "" {
			name = image.Name
		}
	}
	return name
}

// ensureSlice returns the name of the Slice of a controller; empty for a pod
// without one, and for a controller whose Slice is kept in another namespace.
func (d *dependents) ensureSlice(ctx context.Context, namespace string, top *record.RootOwner, domain, principal string) (string, error) {
	switch {
	case top == nil:
		return "", nil
	case top.CreatedBy.Kind == record.SliceKind && top.CreatedBy.Name.Namespace == namespace:
		return top.CreatedBy.Name.Name, nil
	case top.CreatedBy.Kind == record.SliceKind:
		return "", nil
	}
	name, err := d.ensure(
		func() (string, bool) { return d.sliceOf(namespace, top) },
		func() (string, error) {
			name, err := free(d.slices.Get, namespace, top.SliceNames()...)
			if err != nil {
				return "", err
			}
			_, err = d.slices.Create(ctx, record.NewSlice(name, namespace, top, domain, principal))
			return name, err
		})
	if err != nil || name == "" || !top.Known {
		return name, err
	}
	return name, d.replaceStale(ctx, cache.NewObjectName(namespace, name), top.MirroredIn(namespace))
}

// sliceOf is the Slice that records a controller, or one that had its name
// before it, under one of the names that it may have now, or one that a user made
// to record it.
func (d *dependents) sliceOf(namespace string, top *record.RootOwner) (string, bool) {
	names, of := top.SliceNames(), top.MirroredIn(namespace)
	for _, slice := range d.slices.ByIndex(byController, of.Name.String()) {
		recorded, _ := ownership.MirroredBy(slice)
		if slice.Namespace == namespace && recorded.SameName(of) && slices.Contains(names, slice.Name) {
			return slice.Name, true
		}
	}
	slice, ok := d.slices.Get(cache.NewObjectName(namespace, names[0]))
	if !ok || xosv1.IsManaged(slice) || slice.Spec.ControllerKind != top.Kind {
		return "", false
	}
	_, others := ownership.MirroredBy(slice)
	return slice.Name, !others
}
