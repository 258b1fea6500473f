package inprocess

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// Canary is a value for the environment, data and secrets of what tests declare. Beside
// the native objects that it is declared for, no manager of a test may say it: not in a
// condition, an inventory or an Event, and not in its log. A manager that does so fails
// its test; see Failures.
const Canary = "open-sesame"

// canaries are the canary as it is, and as it stands in a Secret's data.
var canaries = [][]byte{[]byte(Canary), []byte(base64.RawStdEncoding.EncodeToString([]byte(Canary[:len(Canary)/3*3])))}

// said are the places where a manager has disclosed the canary.
func (m *Manager) said() []error {
	var all []error
	for _, r := range m.Since(0) {
		reports := r.Resource == "events" || strings.HasSuffix(r.Resource, "/status")
		if reports && sings(r.Body) {
			all = append(all, fmt.Errorf("a declared value is in what was sent: %s in %s: %s", r, r.Namespace, r.Body))
		}
	}
	for line := range strings.Lines(m.Log()) {
		if sings([]byte(line)) {
			all = append(all, fmt.Errorf("a declared value is in the log: %s", line))
		}
	}
	return all
}

func sings(text []byte) bool {
	return slices.ContainsFunc(canaries, func(canary []byte) bool { return bytes.Contains(text, canary) })
}
