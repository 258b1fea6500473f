// Rbacaudit compares what the manager may do with what it did in the tests:
//
//	rbacaudit -uses DIR [-whole] deploy/role.yaml
//
// DIR is the directory of XOS_PLANE_USES, see test/plane. A request that the role
// does not cover is a failure. So is a right that no test needs, after a run of the
// whole suite; each exception is in exceptions.go, with its reason.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/yaml"

	"xos.opencord.org/kubernetes-service/hack/plane/audit"
)

// account is the manager's.
const account = "system:serviceaccount:xos-system:xos-controller-manager"

// suites are the packages whose tests together need each right.
var suites = []string{"integration", "manager", "manifests", "pull", "tenants"}

func main() {
	dir := flag.String("uses", "", "directory with what accounts did")
	whole := flag.Bool("whole", false, "the whole suite ran, so that each right must have been used")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: rbacaudit -uses DIR [-whole] ROLE.yaml")
		os.Exit(2)
	}
	if err := run(*dir, flag.Arg(0), *whole, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rbacaudit:", err)
		os.Exit(1)
	}
}

func run(dir, role string, whole bool, out io.Writer) error {
	rights, err := readRole(role)
	if err != nil {
		return err
	}
	uses, err := readUses(dir, whole)
	if err != nil {
		return err
	}
	problems := missing(rights, uses)
	if whole {
		problems = append(problems, unused(rights, uses, exceptions)...)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s is not what the tests need:\n  %s", role, strings.Join(problems, "\n  "))
	}
	fmt.Fprintf(out, "%d rights, %d different requests: none is missing%s\n", len(rights), len(uses), map[bool]string{true: ", none is unused"}[whole])
	return nil
}

// readRole returns what the ClusterRoles and Roles in a file grant.
func readRole(path string) ([]right, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the role: %w", err)
	}
	defer file.Close()
	var rights []right
	documents := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for {
		var role rbacv1.Role // a ClusterRole has the same rules, and no namespace
		if err := documents.Decode(&role); errors.Is(err, io.EOF) {
			return rights, nil
		} else if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		rights = append(rights, expand(role.Namespace, role.Rules)...)
	}
}

// readUses returns what the manager did. A whole run has left a file for each suite.
func readUses(dir string, whole bool) ([]audit.Use, error) {
	var uses []audit.Use
	for _, suite := range suites {
		files, err := filepath.Glob(filepath.Join(dir, suite+".test-*.json"))
		if err != nil {
			return nil, fmt.Errorf("find what test/%s did: %w", suite, err)
		}
		if whole && len(files) == 0 {
			return nil, fmt.Errorf("test/%s left nothing in %s: it did not run, or on a plane that was up already", suite, dir)
		}
		for _, path := range files {
			more, err := readFile(path)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", path, err)
			}
			uses = append(uses, more...)
		}
	}
	return uses, nil
}

func readFile(path string) ([]audit.Use, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var uses []audit.Use
	decoder := json.NewDecoder(bufio.NewReader(file))
	for {
		var use audit.Use
		if err := decoder.Decode(&use); errors.Is(err, io.EOF) {
			return uses, nil
		} else if err != nil {
			return nil, err
		}
		if use.User == account {
			uses = append(uses, use)
		}
	}
}
