// Package checks judges an installation: what was found out about a cluster becomes results,
// each with what to do. Its functions are pure.
package checks

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/snapshot"
)

// Level is how a check has ended.
type Level string

// The levels.
const (
	OK Level = "ok"
	// Warning is what a person should look at, and what could not be found out.
	Warning Level = "warning"
	Problem Level = "problem"
)

// Result is what came of a check.
type Result struct {
	Check   string `json:"check"`
	Level   Level  `json:"result"`
	Message string `json:"message"`
	// Do is the way out; empty where there is nothing to do.
	Do string `json:"do,omitempty"`
}

// Fact is what was found out, or why not.
type Fact[T any] struct {
	Value T
	// Missing is whether there is none.
	Missing bool
	// Unread is why it is not known; empty where it is.
	Unread string
}

// known returns whether there is a value.
func (f Fact[T]) known() bool { return !f.Missing && f.Unread == "" }

// Access is whether the user may do something.
type Access struct {
	Verb, Resource string
	Allowed        bool
}

// Facts are what the checks judge.
type Facts struct {
	Now time.Time
	// Namespace is where the user's rights and objects are checked; empty for all.
	Namespace string
	// ManagerNamespace is where the manager is.
	ManagerNamespace string
	// Plugin is the version of this program; empty where it is not known.
	Plugin string

	ServerVersion Fact[string]
	// Served are the kinds of xos.opencord.org/v1 that discovery names.
	Served      Fact[[]string]
	Definitions Fact[[]apiextensionsv1.CustomResourceDefinition]
	Lease       Fact[*coordinationv1.Lease]
	// Renewed is whether the Lease was renewed while it was looked at: no clock of another
	// machine is trusted.
	Renewed    bool
	Deployment Fact[*appsv1.Deployment]
	Fence      Fact[*admissionv1.ValidatingAdmissionPolicy]
	Bindings   Fact[[]admissionv1.ValidatingAdmissionPolicyBinding]
	Cluster    Fact[*xosv1.KubernetesService]
	Access     Fact[[]Access]
	// Kafka is nil where it was not asked; its value is what was found there.
	Kafka   *Fact[string]
	Objects *snapshot.Snapshot
}

// Run runs all checks.
func Run(f Facts) []Result {
	var results []Result
	for _, check := range []struct {
		name string
		run  func(Facts) Result
	}{
		{"version of Kubernetes", kubernetesVersion},
		{"definitions", definitions},
		{"manager leads", lease},
		{"manager runs", deployment},
		{"fence", fence},
		{"events", events},
		{"Kafka", kafka},
		{"your rights", rights},
		{"deletions", deletions},
	} {
		r := check.run(f)
		if r.Level == "" {
			continue // there was nothing to check
		}
		r.Check = check.name
		results = append(results, r)
	}
	return results
}

func ok(format string, args ...any) Result {
	return Result{Level: OK, Message: fmt.Sprintf(format, args...)}
}

func warning(do, format string, args ...any) Result {
	return Result{Level: Warning, Message: fmt.Sprintf(format, args...), Do: do}
}

func problem(do, format string, args ...any) Result {
	return Result{Level: Problem, Message: fmt.Sprintf(format, args...), Do: do}
}

// Worst returns the worst level of results.
func Worst(results []Result) Level {
	worst := OK
	for _, r := range results {
		if r.Level == Problem || worst == OK {
			worst = r.Level
		}
	}
	return worst
}

// Lines returns a line for each result, and one for what to do.
func Lines(results []Result, p show.Palette) []string {
	colours := map[Level]show.Colour{OK: show.Green, Warning: show.Yellow, Problem: show.Red}
	width := 0
	for _, r := range results {
		width = max(width, utf8.RuneCountInString(r.Check))
	}
	var lines []string
	for _, r := range results {
		indent := strings.Repeat(" ", len("warning")-len(r.Level)+3)
		lines = append(lines, p.Paint(colours[r.Level], string(r.Level))+indent+fmt.Sprintf("%-*s   ", width, r.Check)+show.Escape(r.Message))
		if r.Do != "" {
			lines = append(lines, strings.Repeat(" ", len("warning")+3+width+3)+"→ "+show.Escape(r.Do))
		}
	}
	return lines
}

// list names the first of many.
func list(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
