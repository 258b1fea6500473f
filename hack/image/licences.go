package main

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// recognized is how much of a text must be that of known licences, in percent. The rest is copyright
// lines and remarks.
const recognized = 75

// allowed are the licences under which something may go into the image: those that ask for no more
// than their text beside it, and the MPL, whose sources the SBOM says where to find.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-2-Clause-Views", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"}

// licence returns the licences of the module as an SPDX expression.
func (m *module) licence() (string, error) {
	var ids []string
	for _, name := range m.names() {
		base := strings.ToLower(path.Base(name))
		if strings.HasPrefix(base, "notice") || strings.HasPrefix(base, "patents") {
			continue
		}
		coverage := licensecheck.Scan(m.texts[name])
		if coverage.Percent < recognized {
			return "", fmt.Errorf("module %s: only %.0f %% of %s is the text of a known licence: read it, and if it is fine teach licences.go to recognize it",
				m.path, coverage.Percent, name)
		}
		for _, match := range coverage.Match {
			if match.IsURL {
				continue
			}
			if !slices.Contains(allowed, match.ID) {
				return "", fmt.Errorf("module %s: %s is licensed under %s: do without the module, or decide in licences.go that the image may hold it",
					m.path, name, match.ID)
			}
			ids = append(ids, match.ID)
		}
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("module %s: %w", m.path, errNoLicence)
	}
	slices.Sort(ids)
	return strings.Join(slices.Compact(ids), " AND "), nil
}

var errNoLicence = errors.New("there is no file with its licence: do without the module")
