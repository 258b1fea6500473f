package api

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"xos.opencord.org/kubernetes-service/hack/plane/binaries"
	"xos.opencord.org/kubernetes-service/test/testkit/plane"
)

// kubectl runs kubectl in the server's namespace and returns what it prints.
func (s *server) kubectl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	programs, err := binaries.Ensure(t.Context(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	flags := []string{"kubectl", "--kubeconfig=" + plane.Shared(t).Kubeconfig(), "--namespace=" + s.namespace}
	command := exec.CommandContext(t.Context(), programs.Localplane, append(flags, args...)...)
	// kubectl keeps what it discovers in the home directory; a test has its own.
	command.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := command.CombinedOutput()
	return string(out), err
}

// mustKubectl is kubectl that has to succeed.
func (s *server) mustKubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.kubectl(t, args...)
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// TestKubectlAppliesTheCRDs is about kubectl's annotation, which a CRD that is
// too large overflows. Applying them twice shows that it was kept.
func TestKubectlAppliesTheCRDs(t *testing.T) {
	s := newServer(t)
	s.mustKubectl(t, "apply", "-f", crdDir)
	out := s.mustKubectl(t, "apply", "-f", crdDir)
	if got := strings.Count(out, "unchanged"); got != len(s.resources) {
		t.Errorf("%d of %d CRDs are unchanged when they are applied again:\n%s", got, len(s.resources), out)
	}
}

func TestKubectlGetsAllKindsByTheirCategory(t *testing.T) {
	s := newServer(t)
	for kind := range s.resources {
		if _, err := s.put(t, minimal(t, kind)); err != nil {
			t.Fatal(err)
		}
	}
	out := s.mustKubectl(t, "get", "xos", "--output=name")
	for kind, crd := range s.resources {
		if want := crd.Spec.Names.Singular + ".xos.opencord.org/minimal"; !strings.Contains(out, want) {
			t.Errorf("%s: %s is not in\n%s", kind, want, out)
		}
	}
}

func TestKubectlGetsByShortNameWithColumns(t *testing.T) {
	tests := map[string]string{
		"KubernetesService":           "NAME READY VERSION NODES PODS INSTANCES AGE PULL LISTED MANAGED REASON MESSAGE",
		"KubernetesNode":              "NAME READY ZONE PROVIDER INTERNAL-IP PODS AGE UNSCHEDULABLE REGION VERSION MANAGED REASON MESSAGE",
		"Site":                        "NAME READY ABBREVIATION AGE URL MANAGED REASON MESSAGE",
		"Image":                       "NAME READY REPOSITORY TAG INSTANCES AGE KIND DIGEST MANAGED REASON MESSAGE",
		"TrustDomain":                 "NAME READY NAMESPACE PHASE AGE OWNER ADMITS MANAGED REASON MESSAGE",
		"Principal":                   "NAME READY TRUSTDOMAIN ROLES AGE MANAGED REASON MESSAGE",
		"Slice":                       "NAME READY CONTROLLER DESIRED PODS READYPODS SERVICE AGE TRUSTDOMAIN PRINCIPAL SITE MANAGED REASON MESSAGE",
		"KubernetesServiceInstance":   "NAME READY SLICE PHASE RESTARTS IP AGE NODE IMAGE MANAGED REASON MESSAGE",
		"KubernetesConfigMap":         "NAME READY TRUSTDOMAIN AGE IMMUTABLE MANAGED REASON MESSAGE",
		"KubernetesSecret":            "NAME READY TYPE TRUSTDOMAIN AGE IMMUTABLE MANAGED REASON MESSAGE",
		"KubernetesConfigVolumeMount": "NAME READY CONFIGMAP INSTANCE SLICE PATH AGE SUBPATH MANAGED REASON MESSAGE",
		"KubernetesSecretVolumeMount": "NAME READY SECRET INSTANCE SLICE PATH AGE SUBPATH MANAGED REASON MESSAGE",
		"KubernetesResourceInstance":  "NAME READY STATE PRINCIPAL AGE TRUSTDOMAIN SUSPENDED MANAGED REASON MESSAGE",
		"Service":                     "NAME READY KIND NAMESPACE CLUSTER-IP AGE ENABLED SITE VERSION MANAGED REASON MESSAGE",
		"ServicePort":                 "NAME READY SERVICE EXPOSURE INTERNAL EXTERNAL PROTOCOL AGE NODEPORT MANAGED REASON MESSAGE",
	}
	s := newServer(t)
	for kind, crd := range s.resources {
		t.Run(kind, func(t *testing.T) {
			if _, err := s.put(t, minimal(t, kind)); err != nil {
				t.Fatal(err)
			}
			out := s.mustKubectl(t, "get", crd.Spec.Names.ShortNames[0], "--output=wide")
			header, _, _ := strings.Cut(out, "\n")
			if got := strings.Join(strings.Fields(header), " "); got != tests[kind] {
				t.Errorf("columns are\n%s, want\n%s", got, tests[kind])
			}
		})
	}
}

// TestKubectlPrintsZero is about the counts of a status that says something, but
// not these: the schema's default is 0. What a slice wants is not known without a
// controller that says so, and is written by our controllers where it is 0.
func TestKubectlPrintsZero(t *testing.T) {
	s := newServer(t)
	for _, test := range []struct {
		kind, name, status string
		want               map[string]string
	}{
		{"KubernetesServiceInstance", "zero", `{"phase":"Pending"}`, map[string]string{"PHASE": "Pending", "RESTARTS": "0"}},
		{"Slice", "zero", `{"desiredReplicas":0}`, map[string]string{"DESIRED": "0", "PODS": "0", "READYPODS": "0"}},
		{"Slice", "unknown", `{"instances":1}`, map[string]string{"DESIRED": "", "PODS": "0", "READYPODS": "0"}},
		{"Image", "zero", `{"reference":"a"}`, map[string]string{"INSTANCES": "0"}},
		{"KubernetesService", "kubernetes", `{"version":"v1.37.2"}`, map[string]string{"VERSION": "v1.37.2", "NODES": "0", "PODS": "0", "INSTANCES": "0"}},
	} {
		t.Run(test.kind+" "+test.name, func(t *testing.T) {
			o := minimal(t, test.kind)
			o.SetName(test.name)
			if _, err := s.put(t, o); err != nil {
				t.Fatal(err)
			}
			kind := strings.ToLower(test.kind) + ".xos.opencord.org"
			s.mustKubectl(t, "patch", kind, test.name, "--subresource=status", "--type=merge", "--patch", `{"status":`+test.status+`}`)
			out := s.mustKubectl(t, "get", kind, test.name)
			row := cells(t, out)
			for column, want := range test.want {
				if got := row[column]; got != want {
					t.Errorf("%s is %q, want %q:\n%s", column, got, want, out)
				}
			}
		})
	}
}

// cells reads the one row of a table of kubectl's, by its header.
func cells(t *testing.T, table string) map[string]string {
	t.Helper()
	header, row, ok := strings.Cut(strings.TrimRight(table, "\n"), "\n")
	if !ok || strings.Contains(row, "\n") {
		t.Fatalf("not a table with one row:\n%s", table)
	}
	found := map[string]string{}
	for _, at := range regexp.MustCompile(`\S+\s*`).FindAllStringIndex(header, -1) {
		end := min(at[1], len(row))
		if at[1] == len(header) {
			end = len(row)
		}
		found[strings.TrimSpace(header[at[0]:at[1]])] = strings.TrimSpace(row[min(at[0], end):end])
	}
	return found
}

func TestKubectlSelectsByRelation(t *testing.T) {
	s := newServer(t)
	for name, slice := range map[string]string{"one": "web", "two": "db"} {
		if _, err := s.put(t, object("KubernetesServiceInstance", name, map[string]any{"image": "a", "slice": slice})); err != nil {
			t.Fatal(err)
		}
	}
	out := s.mustKubectl(t, "get", "ksi", "--field-selector=spec.slice=web", "--output=name")
	if want := "kubernetesserviceinstance.xos.opencord.org/one\n"; out != want {
		t.Errorf("got %q, want %q", out, want)
	}
}

func TestKubectlScalesASlice(t *testing.T) {
	s := newServer(t)
	if _, err := s.put(t, object("Slice", "web", map[string]any{"controllerKind": "Deployment", "maxInstances": int64(5), "template": map[string]any{
		"spec": map[string]any{"containers": []any{map[string]any{"name": "web", "image": "a"}}},
	}})); err != nil {
		t.Fatal(err)
	}
	s.mustKubectl(t, "scale", "slice/web", "--replicas=4")
	if got := s.mustKubectl(t, "get", "slice/web", "--output=jsonpath={.spec.controllerReplicaCount}"); got != "4" {
		t.Errorf("controllerReplicaCount is %q, want 4", got)
	}
	out, err := s.kubectl(t, "scale", "slice/web", "--replicas=6")
	if err == nil || !strings.Contains(out, "controllerReplicaCount must not be more than maxInstances") {
		t.Errorf("scaling beyond maxInstances: %v\n%s", err, out)
	}
	if _, err := s.put(t, object("Slice", "bare", map[string]any{})); err != nil {
		t.Fatal(err)
	}
	out, err = s.kubectl(t, "scale", "slice/bare", "--replicas=2")
	if err == nil || !strings.Contains(out, "controllerReplicaCount is of no use without a controller") {
		t.Errorf("scaling a slice without a controller: %v\n%s", err, out)
	}
}

func TestKubectlSelectsInstancesByPhaseAndNode(t *testing.T) {
	s := newServer(t)
	for name, status := range map[string]string{
		"one": `{"phase":"Running","nodeName":"a"}`, "two": `{"phase":"Running","nodeName":"b"}`, "three": `{"phase":"Pending"}`,
	} {
		if _, err := s.put(t, object("KubernetesServiceInstance", name, map[string]any{"image": "a"})); err != nil {
			t.Fatal(err)
		}
		s.mustKubectl(t, "patch", "ksi", name, "--subresource=status", "--type=merge", "--patch", `{"status":`+status+`}`)
	}
	for selector, want := range map[string]string{
		"status.phase=Running":                      "one\ntwo\n",
		"status.nodeName=a":                         "one\n",
		"status.phase!=Running":                     "three\n",
		"status.nodeName=":                          "three\n",
		"status.phase=Running,status.nodeName!=a":   "two\n",
		"status.phase=Running,spec.image=nowhere":   "",
		"spec.xosManaged=true,status.phase=Pending": "three\n",
	} {
		out := s.mustKubectl(t, "get", "ksi", "--field-selector="+selector, "--no-headers", "--output=custom-columns=:.metadata.name", "--sort-by=.metadata.name")
		if none := strings.HasPrefix(out, "No resources found"); out != want && (want != "" || !none) {
			t.Errorf("%s: got %q, want %q", selector, out, want)
		}
	}
}

// TestKubectlExplainsEveryField goes through what a person would read.
func TestKubectlExplainsEveryField(t *testing.T) {
	s := newServer(t)
	out := s.explain(t, "slice.spec", "--recursive")
	for _, want := range []string{
		"controllerKind	<string>", "controllerReplicaCount	<integer>", "trustDomain	<string>", "enum: Delete, Orphan",
		"template	<Object>", "    spec	<Object>", "      containers	<[]Object>", "        image	<string>", "xosManaged	<boolean>",
	} {
		if !strings.Contains(out, want+"\n") {
			t.Errorf("there is no line %q", want)
		}
	}
	// A field without a description is a name with nothing below it.
	bare := regexp.MustCompile(`(?m)^  (\w+)\t<.*>.*\n(  enum: .*\n)?\n`)
	for kind, crd := range s.resources {
		for _, part := range []string{"spec", "status"} {
			out := s.explain(t, crd.Spec.Names.ShortNames[0]+"."+part)
			for _, field := range bare.FindAllStringSubmatch(out, -1) {
				t.Errorf("%s: %s.%s is not explained", kind, part, field[1])
			}
		}
	}
	out = s.explain(t, "slice.spec.template.spec.containers")
	if !strings.Contains(out, "Container image name.") {
		t.Errorf("a native field is not explained:\n%s", out)
	}
}

// explain waits for the server to publish the schemas, which it does some time
// after it serves the kinds.
func (s *server) explain(t *testing.T, args ...string) (out string) {
	t.Helper()
	plane.Wait(t, time.Minute, func(context.Context) (bool, string) {
		var err error
		out, err = s.kubectl(t, append([]string{"explain"}, args...)...)
		return err == nil, out
	})
	return out
}
