package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLicencesAreRecognized(t *testing.T) {
	apache, err := os.ReadFile("../../LICENSE")
	require.NoError(t, err)
	bsd := []byte("Copyright (c) 2026 somebody\n\n" + fixture["LICENSE"])
	gpl := []byte("This program is free software: you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the Free Software Foundation, either version 3 of the License, or (at your option) any later version.\n\nThis program is distributed in the hope that it will be useful, but WITHOUT ANY WARRANTY; without even the implied warranty of MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE. See the GNU General Public License for more details.\n\nYou should have received a copy of the GNU General Public License along with this program. If not, see <https://www.gnu.org/licenses/>.\n")
	for sentence, test := range map[string]struct {
		texts     map[string][]byte
		want, err string
	}{
		"one":                            {map[string][]byte{"LICENSE": apache}, "Apache-2.0", ""},
		"a part has another":             {map[string][]byte{"LICENSE": bsd, "internal/LICENSE.txt": apache}, "Apache-2.0 AND BSD-2-Clause", ""},
		"a notice is none":               {map[string][]byte{"LICENSE": apache, "NOTICE": []byte("made by somebody")}, "Apache-2.0", ""},
		"a notice is not enough":         {map[string][]byte{"NOTICE": []byte("made by somebody")}, "", "module m: there is no file with its licence"},
		"none":                           {nil, "", "module m: there is no file with its licence"},
		"one that is not allowed":        {map[string][]byte{"LICENSE": apache, "part/COPYING": gpl}, "", "module m: part/COPYING is licensed under GPL-3.0"},
		"one that nobody knows":          {map[string][]byte{"LICENSE": []byte("ask me before you use this")}, "", "module m: only 0 % of LICENSE is the text of a known licence"},
		"one that has a condition added": {map[string][]byte{"LICENSE": append([]byte("Everything below counts on weekdays only. "), []byte(extra)...)}, "", "is the text of a known licence"},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := &module{path: "m", texts: test.texts}
			got, err := m.licence()
			assert.Equal(t, test.want, got)
			if test.err == "" {
				require.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.err)
			}
		})
	}
}

// extra is half of the MIT licence.
const extra = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software."

func TestLicencesOfAPartAreThoseAboveIt(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"LICENSE": "module", "PATENTS": "patents", "LICENSE_TEMPLATE": "heading", "license.go": "code", "README.md": "text",
		"linked/COPYING.txt": "part", "linked/deeper/NOTICE": "deeper", "other/LICENSE": "not linked", "linked/licenses/LICENSE": "below",
	} {
		write(t, filepath.Join(dir, name), content)
	}
	m := &module{path: "m", dir: dir, texts: map[string][]byte{}}
	require.NoError(t, m.addTexts(filepath.Join(dir, "linked", "deeper")))
	assert.Equal(t, []string{"LICENSE", "PATENTS", "linked/COPYING.txt", "linked/deeper/NOTICE"}, m.names())
	assert.Equal(t, file{path: "/usr/share/licenses/m/linked/COPYING.txt", content: []byte("part")}, m.licences()[2])
	assert.ErrorContains(t, m.addTexts(filepath.Dir(dir)), "is not in its directory")
}
