// Package diagnosis says in sentences what is not well, worst first, and where to read on. Its
// functions are pure.
package diagnosis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/duration"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/health"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
	"xos.opencord.org/kubernetes-service/controllers/desired"
)

// Finding is an object that is not well.
type Finding struct {
	snapshot.Ref
	health.Health
	// Since is when it became so, as far as it is known.
	Since *time.Time `json:"since,omitempty"`
	// See is where to read on: a section of this repository's documentation.
	See string `json:"see,omitempty"`
}

// Diagnosis is what is not well, and how much was looked at.
type Diagnosis struct {
	Items []Finding `json:"items"`
	// Objects is how many objects were read.
	Objects int               `json:"objects"`
	Unread  []snapshot.Unread `json:"unread,omitempty"`
}

// Of returns what is not well among the objects of the data model.
func Of(s *snapshot.Snapshot) Diagnosis {
	d := Diagnosis{Items: []Finding{}, Unread: s.Unread}
	for _, o := range snapshot.Of[xosv1.Object](s) {
		d.Objects++
		h := health.Of(o)
		if h.Well() {
			continue
		}
		d.Items = append(d.Items, Finding{Ref: snapshot.RefOf(o), Health: h, Since: since(o, h), See: see(h)})
	}
	slices.SortStableFunc(d.Items, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(severity(a.Level), severity(b.Level)), a.Compare(b.Ref))
	})
	return d
}

// severity orders levels by how much they ask of a person.
func severity(l health.Level) int {
	return slices.Index([]health.Level{health.Failed, health.Missing, health.Unknown, health.Terminating, health.Progressing}, l)
}

// since returns when an object became as it is: when its condition changed last, unless the
// health is not the condition's.
func since(o xosv1.Object, h health.Health) *time.Time {
	if t := o.GetDeletionTimestamp(); t != nil {
		at := t.UTC()
		return &at
	}
	c := meta.FindStatusCondition(o.GetObjectStatus().Conditions, xosv1.ConditionReady)
	if c == nil || c.Reason != h.Reason || c.Reason == xosv1.ReasonInventoried || c.LastTransitionTime.IsZero() {
		return nil
	}
	at := c.LastTransitionTime.UTC()
	return &at
}

// page is the documentation's page of conditions.
const page = "docs/troubleshooting.md#"

// see returns the section about a health.
func see(h health.Health) string {
	switch {
	case h.Level == health.Terminating:
		return page + "a-deletion-does-not-end"
	case h.Level == health.Unknown, h.Level == health.Progressing && h.Reason == "":
		return page + "nothing-happens"
	case h.Reason == xosv1.ReasonInventoried:
		return page + "pods-dont-come"
	case documented[h.Reason]:
		return page + strings.ToLower(h.Reason)
	}
	return ""
}

// documented are the reasons that the page has an entry of.
var documented = map[string]bool{
	xosv1.ReasonConflict: true, xosv1.ReasonFailed: true, xosv1.ReasonForbidden: true, xosv1.ReasonInternalError: true, xosv1.ReasonInvalid: true,
	xosv1.ReasonNotAdmitted: true, xosv1.ReasonNothingToAdopt: true, xosv1.ReasonNotOwned: true, xosv1.ReasonProgressing: true,
	xosv1.ReasonProgressingWithRetry: true, xosv1.ReasonReferenceNotFound: true, xosv1.ReasonSuspended: true, xosv1.ReasonTerminating: true,
}

// Lines returns a sentence for each finding, and one about the whole.
func (d Diagnosis) Lines(p show.Palette, now time.Time) []string {
	var lines []string
	for _, f := range d.Items {
		lines = append(lines, f.line(p, now))
	}
	read := ""
	if len(d.Unread) > 0 {
		read = " that could be read"
	}
	switch {
	case d.Objects == 0:
		return append(lines, "There is no object"+read+".")
	case len(d.Items) == 0:
		return append(lines, fmt.Sprintf("%s%s: all are well.", count(d.Objects), read))
	}
	return append(lines, fmt.Sprintf("%d of %s%s: not well.", len(d.Items), count(d.Objects), read))
}

func count(n int) string {
	if n == 1 {
		return "1 object"
	}
	return fmt.Sprint(n, " objects")
}

func (f Finding) line(p show.Palette, now time.Time) string {
	text := cmp.Or(f.Message, verb(f.Level))
	var notes []string
	if f.Reason != "" {
		notes = append(notes, f.Reason)
	}
	if f.Since != nil {
		notes = append(notes, "for "+duration.HumanDuration(now.Sub(*f.Since)))
	}
	if f.See != "" {
		notes = append(notes, "see "+f.See)
	}
	line := p.Paint(health.ColourOf(f.Level), string(f.Level)) + ": " + show.Escape(f.Ref.String()+": "+text)
	if len(notes) > 0 {
		line += " (" + show.Escape(strings.Join(notes, ", ")) + ")"
	}
	return line
}

// verb is what a level says where there is no message.
func verb(l health.Level) string {
	switch l {
	case health.Failed:
		return "it has failed"
	case health.Terminating:
		return "it is being deleted"
	}
	return "it is not ready"
}

// InNamespace returns a snapshot of which the trust domains are those that the namespace belongs
// to: they are cluster-scoped, and were all read. Without a namespace, all are.
func InNamespace(s *snapshot.Snapshot, namespace string) *snapshot.Snapshot {
	if namespace == "" {
		return s
	}
	chosen := &snapshot.Snapshot{Unread: s.Unread}
	for _, o := range s.Objects {
		if td, ok := o.(*xosv1.TrustDomain); ok && desired.NamespaceOf(td) != namespace {
			continue
		}
		chosen.Objects = append(chosen.Objects, o)
	}
	return chosen
}
