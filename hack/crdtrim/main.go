// Command crdtrim fits CRDs that embed native types, such as a pod's spec, to
// what our API wants of them:
//
//   - Native descriptions are cut to their first sentence, since a CRD must stay
//     small enough for the annotation in which "kubectl apply" keeps a copy.
//     Our own descriptions are left whole.
//   - Native strings, lists and maps get bounds, which the native types lack,
//     and so do the values of our maps, where Go has no place for a marker.
//   - A pod template may leave its containers out, and has no ephemeral ones.
//
// Usage: crdtrim directory. It rewrites the CRDs in the directory in place, and
// fails when one is still too large or when a path that it knows is gone.
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

// podSpecs are the paths at which pod templates hold a native pod spec.
var podSpecs = []string{
	"spec.template.spec",
}

// natives are the paths at which other native types begin.
var natives = []string{
	"spec.allowedNamespaces.selector",
	"spec.env",
	"spec.ports",
	"spec.pull.namespaceSelector",
	"spec.pull.podSelector",
	"spec.resources",
	"spec.volumeClaimTemplates.spec",
	"status.conditions",
}

// maxValue is the length of the base64 notation of what a native ConfigMap or
// Secret holds at most.
const maxValue = (1<<20 + 2) / 3 * 4

// valueLengths bounds the values of our maps, in characters. The types can't say
// so, as Go has no place for a marker on the values of a map.
var valueLengths = map[string]int{
	"spec.annotations":                   64 << 10,
	"spec.binaryData":                    maxValue,
	"spec.data":                          maxValue,
	"spec.labels":                        63,
	"spec.stringData":                    maxValue,
	"spec.template.metadata.annotations": 64 << 10,
	"spec.template.metadata.labels":      63,
	"spec.volumeClaimTemplates.metadata.annotations": 64 << 10,
	"spec.volumeClaimTemplates.metadata.labels":      63,
	"status.labels": 63,
}

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
	unseen := map[string]bool{}
	for _, path := range slices.Concat(podSpecs, natives, slices.Collect(maps.Keys(valueLengths))) {
		unseen[path] = true
	}
	for _, file := range files {
		seen, err := trimFile(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, path := range seen {
			delete(unseen, path)
		}
	}
	for path := range unseen {
		return fmt.Errorf("no CRD of %s has a field %s: correct the list of paths", dir, path)
	}
	return nil
}

// trimFile rewrites one CRD and returns the paths of native types in it.
func trimFile(file string) (seen []string, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var crd map[string]any
	if err := yaml.Unmarshal(content, &crd); err != nil {
		return nil, err
	}
	for _, s := range schemas(crd) {
		for _, path := range podSpecs {
			if node := s.at(path); node != nil {
				node.relaxPodSpec()
				node.trim()
				seen = append(seen, path)
			}
		}
		for _, path := range natives {
			if node := s.at(path); node != nil {
				node.trim()
				seen = append(seen, path)
			}
		}
		for path, length := range valueLengths {
			if values := s.at(path).child("additionalProperties"); values != nil {
				values["maxLength"] = length
				seen = append(seen, path)
			}
		}
	}
	compact, err := json.Marshal(crd)
	if err != nil {
		return nil, err
	}
	if len(compact) > maxBytes {
		return nil, fmt.Errorf("has %d bytes as JSON, more than %d", len(compact), maxBytes)
	}
	out, err := yaml.Marshal(crd)
	if err != nil {
		return nil, err
	}
	return seen, os.WriteFile(file, append([]byte("---\n"), out...), 0o644)
}
