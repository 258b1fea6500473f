package tenants

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/rand"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
	"xos.opencord.org/kubernetes-service/test/tenants/oracle"
)

// The names that texts of a row may hold. A namespace is made when it is first
// named, and where it is a trust domain's, the domain has the same name.
//
//	$mine    the attacker's namespace, a trust domain's; it may write the
//	         namespaced kinds of xos.opencord.org there, and nothing else
//	$victim  another tenant's, likewise; the attacker has no rights there
//	$shared  of a trust domain that admits all others; no tenant has rights there
//	$other   of no domain; the attacker may write native objects there too
//	$tag     a word that no other row has
//	$canary  a word that the attacker must never see
//	$uid(Kind namespace/name)  the UID of an object
const (
	mine   = "mine"
	victim = "victim"
	shared = "shared"
	other  = "other"
)

// cast are those who play in a row, and what they have brought.
type cast struct {
	*testing.T
	w      *env
	row    attack
	tag    string
	canary string
	mark   audit.Mark
	// made are the namespaces that are there, by their roles.
	made map[string]string

	operator, tenant, another *actor
	// held are the given objects as they were before the attack.
	held []*unstructured.Unstructured
	// applied is what the attacker has applied and the server accepted; refused is
	// why it did not accept the others.
	applied map[ref]bool
	refused map[ref]error
}

func newCast(t *testing.T, w *env, row attack) *cast {
	t.Helper()
	c := &cast{
		T: t, w: w, row: row, tag: rand.String(6), canary: "c4n4ry" + rand.String(12), mark: w.plane.AuditMark(t),
		made: map[string]string{}, applied: map[ref]bool{}, refused: map[ref]error{},
	}
	c.operator = newActor(t, w, "", victim)
	c.tenant = newActor(t, w, "tenant-"+c.tag, mine)
	c.another = newActor(t, w, "another-"+c.tag, other)
	c.namespace(mine)
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		t.Logf("the manager sent:\n%s", strings.Join(w.manager.Since(0).Foreground().In(slices.Collect(maps.Values(c.made))...).Lines(), "\n"))
	})
	return c
}

// namespace is the name of the namespace of a role, which is made if need be.
func (c *cast) namespace(role string) string {
	c.Helper()
	name, ok := c.made[role]
	if ok {
		return name
	}
	name = role + "-" + c.tag
	c.made[role] = name
	c.w.knows(c.domains(), nil)
	if role == other {
		c.makePlain(name)
	} else {
		c.makeDomain(role, name)
	}
	for _, a := range []*actor{c.tenant, c.another} {
		if a.home == role || a == c.tenant && role == other {
			c.grant(a, name)
		}
	}
	return name
}

// domains are the row's trust domains, for the oracle.
func (c *cast) domains() map[string]oracle.Domain {
	all := map[string]oracle.Domain{}
	for role, name := range c.made {
		switch {
		case role == shared:
			all[name] = oracle.Domain{Admits: []string{mine + "-" + c.tag, victim + "-" + c.tag, other + "-" + c.tag}}
		case role != other || c.row.recorded:
			all[name] = oracle.Domain{}
		}
	}
	return all
}

func (c *cast) makePlain(name string) {
	c.Helper()
	namespace := parse(c.T, "{apiVersion: v1, kind: Namespace, metadata: {name: "+name+", labels: {xos.opencord.org/fence: open}}}")[0]
	require.NoError(c, c.operator.create(c.Context(), namespace))
	c.atEnd(ref{kind: "Namespace", name: name})
	c.furnished(name)
}

func (c *cast) makeDomain(role, name string) {
	c.Helper()
	spec := map[string]string{mine: c.row.domain, shared: c.row.shared}[role]
	base := map[string]any{"allowedRoles": []any{"edit", "view"}}
	if role == shared {
		base["allowedNamespaces"] = map[string]any{"from": "All"}
	}
	maps.Copy(base, parseMap(c.T, spec))
	domain := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "xos.opencord.org/v1", "kind": "TrustDomain", "metadata": map[string]any{"name": name}, "spec": base,
	}}
	require.NoError(c, c.operator.create(c.Context(), domain))
	c.atEnd(ref{kind: "TrustDomain", name: name})
	c.awaitReady(ref{kind: "TrustDomain", name: name})
	c.furnished(name)
}

// atEnd deletes an object after the row, without waiting for its end.
func (c *cast) atEnd(r ref) {
	c.Cleanup(func() {
		if err := c.operator.delete(context.Background(), r); err != nil && !apierrors.IsNotFound(err) {
			c.Errorf("delete %s: %v", r, err)
		}
	})
}

// furnished waits for what the cluster puts into every namespace.
func (c *cast) furnished(namespace string) {
	c.Helper()
	for _, r := range []ref{{"ServiceAccount", namespace, "default"}, {"ConfigMap", namespace, "kube-root-ca.crt"}} {
		wait(c.T, func(ctx context.Context) string {
			_, err := c.operator.get(ctx, r)
			return because(err)
		})
	}
}

// grant gives an attacker its rights in a namespace.
func (c *cast) grant(a *actor, namespace string) {
	c.Helper()
	for _, role := range a.roles() {
		binding := parse(c.T, fmt.Sprintf(`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: %s-%s, namespace: %s},
			roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}, subjects: [{kind: ServiceAccount, namespace: %s, name: %s}]}`,
			a.account, role, namespace, role, accountsNamespace, a.account))[0]
		require.NoError(c, c.operator.create(c.Context(), binding))
	}
	wait(c.T, func(ctx context.Context) string {
		_, err := a.resource("Slice", namespace).List(ctx, metav1.ListOptions{})
		return because(err)
	})
}

var uidOf = regexp.MustCompile(`\$uid\((\w+) ([^/)]*)/([^)]*)\)`)

// fill puts the row's names into a text.
func (c *cast) fill(text string) string {
	c.Helper()
	for _, role := range []string{mine, victim, shared, other} {
		if strings.Contains(text, "$"+role) {
			text = strings.ReplaceAll(text, "$"+role, c.namespace(role))
		}
	}
	text = strings.NewReplacer("$tag", c.tag, "$canary", c.canary).Replace(text)
	return uidOf.ReplaceAllStringFunc(text, func(found string) string {
		parts := uidOf.FindStringSubmatch(found)
		o, err := c.operator.get(c.Context(), ref{parts[1], parts[2], parts[3]})
		require.NoError(c, err)
		return string(o.GetUID())
	})
}
