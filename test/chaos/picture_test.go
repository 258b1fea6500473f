package chaos

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/controllers/ownership"
)

const adoptable = xosv1.AdoptableAnnotation

// picture is what can be seen of an environment: its objects as texts, without what differs
// from one to the other.
type picture map[string]string

// view is an environment's objects, as they are.
type view struct {
	env     string
	customs []unstructured.Unstructured
	natives []unstructured.Unstructured
}

func (w *walk) view(ctx context.Context, env string) (*view, error) {
	v := &view{env: env}
	var err error
	if v.customs, err = w.customs(ctx, env); err != nil {
		return nil, err
	}
	v.natives, err = w.made(ctx, env)
	return v, err
}

// owner is the custom resource that a native object belongs to; nil where there is
// none, or none any more.
func (v *view) owner(o *unstructured.Unstructured) *unstructured.Unstructured {
	owner, ok := ownership.OwnerOf(o, o.GroupVersionKind().GroupKind())
	if !ok {
		return nil
	}
	for i := range v.customs {
		if c := &v.customs[i]; c.GetUID() == owner.UID && c.GetKind() == owner.Kind {
			return c
		}
	}
	return nil
}

// settled are the reasons of objects whose native objects are as they want them. What
// others made before stays as it is.
var settled = []string{"Succeeded", "Progressing", "Failed"}

// picture is the view's picture.
func (v *view) picture() picture {
	p := picture{}
	for i := range v.customs {
		o := &v.customs[i]
		if o.GetDeletionTimestamp() != nil {
			continue
		}
		ready, reason := readiness(o)
		handle, _, _ := unstructured.NestedString(o.Object, "status", "backendHandle")
		if !slices.Contains(settled, reason) {
			handle = ""
		}
		p[v.masked(id(o))] = v.masked(fmt.Sprintf("Ready=%s, %s, %s", ready, reason, handle))
	}
	for i := range v.natives {
		o := &v.natives[i]
		owner := v.owner(o)
		if owner == nil || owner.GetDeletionTimestamp() != nil {
			continue
		}
		if _, reason := readiness(owner); slices.Contains(settled, reason) {
			p[v.masked("native "+id(o))] = v.masked(essence(o, owner))
		}
	}
	return p
}

// readiness is what an object reports of being ready. One that is suspended reports what was
// found last, which depends on when that was.
func readiness(o *unstructured.Unstructured) (ready, reason string) {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		condition, ok := c.(map[string]any)
		if ok && condition["type"] == xosv1.ConditionSuspended && condition["status"] == string(metav1.ConditionTrue) {
			return "", xosv1.ReasonSuspended
		}
		if ok && condition["type"] == xosv1.ConditionReady {
			ready, _ = condition["status"].(string)
			reason, _ = condition["reason"].(string)
		}
	}
	return ready, reason
}

func messageOf(o *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	for _, c := range conditions {
		if condition, ok := c.(map[string]any); ok && condition["type"] == xosv1.ConditionReady {
			return fmt.Sprint(condition["message"])
		}
	}
	return ""
}

// What differs between two environments, whatever happened in them.
var (
	uid        = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	tokenMount = regexp.MustCompile(`kube-api-access-[0-9a-z]{5}`)
)

func (v *view) masked(text string) string {
	return uid.ReplaceAllString(tokenMount.ReplaceAllString(strings.ReplaceAll(text, v.env, "$w"), "$token"), "$uid")
}

// given are the fields that the cluster gives to each object anew.
var given = [][]string{
	{"spec", "nodeName"}, {"spec", "clusterIP"}, {"spec", "clusterIPs"}, {"spec", "healthCheckNodePort"},
	{"spec", "template", "metadata", "creationTimestamp"}, {"secrets"},
}

// essence is what XOS decides of a native object.
func essence(native, owner *unstructured.Unstructured) string {
	o := native.DeepCopy()
	for _, field := range given {
		unstructured.RemoveNestedField(o.Object, field...)
	}
	ports, _, _ := unstructured.NestedSlice(o.Object, "spec", "ports")
	for _, port := range ports {
		delete(port.(map[string]any), "nodePort")
	}
	if ports != nil {
		_ = unstructured.SetNestedSlice(o.Object, ports, "spec", "ports")
	}
	annotations := map[string]string{}
	for key, value := range o.GetAnnotations() {
		if strings.HasPrefix(key, xosv1.GroupName+"/") && key != adoptable {
			annotations[key] = value
		}
	}
	for _, key := range []string{xosv1.AppliedAnnotation, xosv1.FixedAnnotation, xosv1.MutableAnnotation, xosv1.RevisionAnnotation} {
		if annotations[key] != "" {
			annotations[key] = "there"
		}
	}
	if o.GetKind() == "Namespace" {
		delete(annotations, xosv1.AdoptedAnnotation) // by the last step, where a step had orphaned it
	}
	refers := annotations[xosv1.AdoptedAnnotation] == "" && slices.ContainsFunc(o.GetOwnerReferences(),
		func(r metav1.OwnerReference) bool { return r.UID == owner.GetUID() })
	content := map[string]any{
		"labels": o.GetLabels(), "annotations": annotations, "refers": refers, "ends": o.GetDeletionTimestamp() != nil,
	}
	for field, value := range o.Object {
		if field != "metadata" && field != "status" {
			content[field] = value
		}
	}
	text, err := yaml.Marshal(content)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// differences lists how two pictures differ, for a person.
func differences(was, fresh picture) string {
	var found []string
	for key, text := range was {
		if other, ok := fresh[key]; !ok {
			found = append(found, fmt.Sprintf("%s is not there in a fresh environment; here:\n%s", key, text))
		} else if other != text {
			found = append(found, fmt.Sprintf("%s is here\n%s\nand in a fresh environment\n%s", key, text, other))
		}
	}
	for key, text := range fresh {
		if _, ok := was[key]; !ok {
			found = append(found, fmt.Sprintf("%s is missing here; in a fresh environment:\n%s", key, text))
		}
	}
	slices.Sort(found)
	return strings.Join(found, "\n---\n")
}
