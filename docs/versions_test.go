// Package docs checks what the documentation says of versions and paths against the modules
// and files that decide it.
package docs

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var versionRow = regexp.MustCompile(`(?m)^\| 1\.(\d+) \| (.*) \|$`)

// TestSupportedVersions compares the README's table with the minor version of our
// client libraries, and what it says is tested with the local control plane's.
// Where it fails after an update, read the release notes of the version that is new
// in the table, and check what the oldest one lacks.
func TestSupportedVersions(t *testing.T) {
	_, section, found := strings.Cut(read(t, "../README.md"), "### Supported Kubernetes versions\n")
	if !found {
		t.Fatal("README.md has no such section")
	}
	section, _, _ = strings.Cut(section, "\n#")
	var minors, tested []int
	for _, row := range versionRow.FindAllStringSubmatch(section, -1) {
		minor, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		minors = append(minors, minor)
		if strings.HasPrefix(row[2], "tested") {
			tested = append(tested, minor)
		}
	}
	client := minorOf(t, "../go.mod", "k8s.io/client-go v0")
	if want := []int{client, client - 1, client - 2}; !slices.Equal(minors, want) {
		t.Errorf("README.md supports minor versions %v, want %v: that of client-go in go.mod and the two before it", minors, want)
	}
	if want := []int{minorOf(t, "../hack/localplane/go.mod", "k8s.io/kubernetes v1")}; !slices.Equal(tested, want) {
		t.Errorf("README.md calls minor versions %v tested, want %v: that of k8s.io/kubernetes in hack/localplane/go.mod", tested, want)
	}
}

// TestTheReferenceLinksToTheClientsVersion compares the version in links of docs/reference.md to
// Kubernetes' own types with that of our client libraries.
func TestTheReferenceLinksToTheClientsVersion(t *testing.T) {
	want := fmt.Sprintf(`kubernetesVersion: "1.%d"`, minorOf(t, "../go.mod", "k8s.io/client-go v0"))
	if !strings.Contains(read(t, "../hack/apireference/config.yaml"), want) {
		t.Errorf("hack/apireference/config.yaml lacks %s: set it and run make generate", want)
	}
}

// minorOf is the minor version that a go.mod requires of a module.
func minorOf(t *testing.T, file, module string) int {
	t.Helper()
	line := regexp.MustCompile(`(?m)^\s+` + regexp.QuoteMeta(module) + `\.(\d+)\.`).FindStringSubmatch(read(t, file))
	if line == nil {
		t.Fatalf("%s does not require %s", file, module)
	}
	minor, err := strconv.Atoi(line[1])
	if err != nil {
		t.Fatal(err)
	}
	return minor
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
