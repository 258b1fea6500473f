package manifest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// head begins a document whose data is what a test is about.
const head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"

func TestMergeKeysAreCarriedOut(t *testing.T) {
	for sentence, test := range map[string]struct {
		text string
		want any
	}{
		"alone":                         {"base: &b {x: one}\ndata:\n  <<: *b\n", map[string]any{"x": "one"}},
		"with an override behind":       {"base: &b {x: one, w: two}\ndata:\n  <<: *b\n  x: mine\n", map[string]any{"x": "mine", "w": "two"}},
		"with an override before":       {"base: &b {x: one, w: two}\ndata:\n  x: mine\n  <<: *b\n", map[string]any{"x": "mine", "w": "two"}},
		"of several the first counts":   {"b: &b {x: one}\nc: &c {x: other, w: two}\ndata:\n  <<: [*b, *c]\n", map[string]any{"x": "one", "w": "two"}},
		"of merges in merges":           {"b: &b {x: one, w: one}\nc: &c {<<: *b, w: two}\ndata: {<<: *c, z: three}\n", map[string]any{"x": "one", "w": "two", "z": "three"}},
		"in a list":                     {"b: &b {x: one}\ndata: [{<<: *b, x: mine}, {<<: *b}]\n", []any{map[string]any{"x": "mine"}, map[string]any{"x": "one"}}},
		"an override replaces as whole": {"b: &b {x: {a: one}}\ndata: {<<: *b, x: {c: two}}\n", map[string]any{"x": map[string]any{"c": "two"}}},
		"with scalars as kubectl reads": {"b: &b {x: one}\ndata: {<<: *b, a: yes, b: 'yes', c: 0x10, d: 1.5, e: null, f: ~, g: 1_000, h: !!str 5, i: \"n\", j: --- x}\n",
			map[string]any{"x": "one", "a": true, "b": "yes", "c": int64(16), "d": 1.5, "e": nil, "f": nil, "g": int64(1000), "h": "5", "i": "n", "j": "--- x"}},
		"with text over several lines": {"b: &b {x: one}\ndata:\n  <<: *b\n  a: |\n    #!/bin/sh\n    set -e\n  b: one\n    two\n", map[string]any{"x": "one", "a": "#!/bin/sh\nset -e\n", "b": "one two"}},
		"with keys that are no text":   {"b: &b {x: one}\ndata: {<<: *b, 8080: a, true: b}\n", map[string]any{"x": "one", "8080": "a", "true": "b"}},
		"a quoted one is a key":        {"data: {\"<<\": a}\n", map[string]any{"<<": "a"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			documents, err := Decode(head+test.text, place)
			require.NoError(t, err)
			assert.Equal(t, test.want, documents[0].Object.Object["data"])
		})
	}
}

func TestWhatIsThereTwiceIsRefusedBesideMergeKeysToo(t *testing.T) {
	for sentence, test := range map[string]struct{ text, want string }{
		"without a merge key":      {"data: {a: hunter2, a: hunter3}\n", `key "a" already set in map`},
		"beside a merge key":       {"b: &b {x: one}\ndata:\n  <<: *b\n  a: hunter2\n  a: hunter3\n", `line 8: key "a" already set in map`},
		"in what is merged":        {"b: &b {x: hunter2, x: hunter3}\ndata: {<<: *b}\n", `key "x" already set in map`},
		"a merge of what is none":  {"b: &b hunter2\ndata: {<<: *b}\n", "a merge key takes a mapping"},
		"a list in a merged list":  {"b: &b {x: one}\ndata: {<<: [[*b]]}\n", "a merge key takes a mapping"},
		"a key that is no text":    {"b: &b {x: one}\ndata: {<<: *b, {a: b}: hunter2}\n", "a key is no text"},
		"one that contains itself": {"data: &d {<<: *d}\n", "contains itself"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := Decode(head+test.text, place)
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "hunter")
		})
	}
}

func TestAFileOfWindowsMeansWhatItMeansToKubectl(t *testing.T) {
	const script = "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata:\r\n  name: scripts\r\ndata:\r\n  run.sh: |\r\n    #!/bin/sh\r\n    set -e\r\n"
	const other = "apiVersion: v1\r\nkind: ConfigMap\r\nmetadata: {name: other}\r\n"
	const mark = "\ufeff"
	for sentence, test := range map[string]struct {
		text string
		want int
	}{
		"carriage returns":                           {script + "---\r\n" + other, 2},
		"a mark at the beginning":                    {mark + script, 1},
		"a mark before a comment":                    {mark + "# saved\r\n---\r\n" + script, 1},
		"a mark before the first separator":          {mark + "---\r\n" + script, 1},
		"a mark after a separator":                   {script + "---\r\n" + mark + other, 2},
		"a mark after a comment":                     {script + "---\r\n# more\r\n" + mark + other, 2},
		"a mark before a separator":                  {script + mark + "---\r\n" + other, 2},
		"an end marker":                              {script + "...\r\n---\r\n" + other, 2},
		"an end marker at the end":                   {script + "---\r\n" + other + "...\r\n", 2},
		"an end marker and a mark":                   {script + "...\r\n" + mark + "---\r\n" + mark + other, 2},
		"nothing but a comment in between and after": {script + "---\r\n# only\r\n\r\n---\r\n" + other + "---\r\n", 2},
		"JSON with a mark":                           {mark + `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "scripts"}, "data": {"run.sh": "#!/bin/sh\nset -e\n"}}`, 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			documents, err := Decode(test.text, place)
			require.NoError(t, err)
			require.Len(t, documents, test.want)
			assert.Equal(t, map[string]any{"run.sh": "#!/bin/sh\nset -e\n"}, documents[0].Object.Object["data"])
		})
	}
	inside, err := Decode(head+"data:\n  a: |\n    "+mark+"kept\n", place)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"a": mark + "kept\n"}, inside[0].Object.Object["data"], "in a text it is content")
	_, err = Decode(strings.ReplaceAll(script+"...\r\n"+other, "\r", ""), place)
	require.ErrorContains(t, err, `document 1: is followed by another one without a line "---"`, "never is one of them left out in silence")
}
