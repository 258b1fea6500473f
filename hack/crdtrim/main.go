// Command crdtrim fits CRDs that embed native types, such as a pod's spec, to
// what our API wants of them:
//
//   - Native descriptions are cut to their first sentence, since a CRD must stay
//     small enough for the annotation in which "kubectl apply" keeps a copy.
//     Our own descriptions are left whole, a paragraph a line.
//   - Native strings, lists and maps get bounds, which the native types lack,
//     and so do the values of our maps, where Go has no place for a marker.
//   - Numbers, quantities and times are bounded by what Go decodes.
//   - A pod template may leave its containers out, and has no ephemeral ones.
//
// Usage: crdtrim directory. It rewrites the CRDs in the directory in place, and
// fails when one is still too large or when a field that it knows is gone.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"sigs.k8s.io/yaml"
)

// maxBytes bounds each CRD as JSON. kubectl's annotation may have 262,144 bytes
// together with all others; the rest is room to grow.
const maxBytes = 200 << 10

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: crdtrim directory")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "crdtrim:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return err
	}
	gone := maps.Clone(fields)
	for _, file := range files {
		found, err := trimFile(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, path := range found {
			delete(gone, path)
		}
	}
	if len(gone) > 0 {
		paths := slices.Sorted(maps.Keys(gone))
		return fmt.Errorf("no CRD of %s has these fields: correct their list: %q", dir, paths)
	}
	return nil
}

// trimFile rewrites one CRD and returns the fields that it found there.
func trimFile(file string) (found []string, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var crd map[string]any
	if err := yaml.Unmarshal(content, &crd); err != nil {
		return nil, err
	}
	found = trim(crd)
	compact, err := json.Marshal(crd)
	if err != nil {
		return nil, err
	}
	if len(compact) > maxBytes {
		return nil, fmt.Errorf("has %d bytes as JSON, more than %d", len(compact), maxBytes)
	}
	content, err = yaml.Marshal(crd)
	if err != nil {
		return nil, err
	}
	return found, os.WriteFile(file, append([]byte("---\n"), content...), 0o644)
}

// trim changes one CRD and returns the fields that it found there.
func trim(crd map[string]any) (found []string) {
	for _, root := range schemas(crd) {
		root.flow()
		root.decodable()
		for path, fit := range fields {
			if field := root.at(path); field != nil {
				fit(field)
				found = append(found, path)
			}
		}
	}
	return found
}
