package show

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// received is a message of a value, in order.
func received(offset int64, key, value string, headers ...string) event.Received {
	m := event.Received{Partition: 2, Offset: offset, Time: time.Date(2026, 1, 2, 3, 4, int(offset), 500, time.UTC), Key: key}
	if value != "" {
		m.Value = []byte(value)
	}
	for pair := range slices.Chunk(headers, 2) {
		m.Headers = append(m.Headers, event.Header{Name: pair[0], Value: pair[1]})
	}
	return m
}

// messages are one of each form, and some of a tenant who means no good.
func messages() []event.Received {
	return []event.Received{
		received(0, "c/snapshot/2", `{"status":"begin","snapshot":"20260102T030405.000Z","partition":2,"partitions":3}`),
		received(1, "c/kubernetesserviceinstance/u1", `{"status":"created","kind":"kubernetesserviceinstance","uid":"u1","namespace":"shop","name":"web","labels":{"a":"b"},`+
			`"addresses":["10.0.0.7","fd00::7"],"references":[{"kind":"Slice","namespace":"shop","name":"web"},{"kind":"Node","name":"node-0"}]}`,
			"ce_type", "org.opencord.xos.kubernetesserviceinstance.created.v1", "ce_id", "u1.created"),
		received(2, "c/slice/u2", `{"status":"current","kind":"slice","uid":"u2","namespace":"shop","name":"web","labels":{},"references":[{"kind":"TrustDomain","name":"shop"}]}`),
		received(3, "c/kubernetesserviceinstance/u3", `{"status":"updated","kind":"kubernetesserviceinstance","uid":"u3","namespace":"tools","name":"cron","labels":{},`+
			`"references":[{"kind":"Slice","namespace":"shop","name":"jobs"}]}`),
		received(4, "c/node/u4", `{"status":"deleted","kind":"node","uid":"u4","name":"node-0-with-a-name-that-is-longer-than-others","labels":{"ready":"yes","n":"1e3"},"node":{"ready":true,"unschedulable":false,"n":9007199254740993}}`),
		received(5, "c/node/u4", ""),
		received(6, "web", `{"status":"created","name":"web","producer":"k8s-sync","kubernetesserviceinstance_id":7,"labels":{},"netinterfaces":[{"name":"primary","addresses":["10.0.0.7"]}]}`,
			"ce_subject", "shop/web"),
		received(7, "evil", "{\"status\":\"created\",\"name\":\"\\u001b[2Jclear\\r\u202egnp\u009b31m\x7f\xffz\\\\\",\"labels\":{\"\u2028k\":\"\U000e0041\\ud83d\\ude00 <&>\"}}", "ce_subject", "shop\x1b]0;t\x07/evil"),
		received(8, "not\x1b[31mjson", "plain \x1b[0m text\n\xfe"),
		received(9, "empty", " "),
	}
}

func printed(t *testing.T, p Printer, keep func(View) bool) string {
	t.Helper()
	var out bytes.Buffer
	for _, m := range messages() {
		if v := Of(m); keep(v) {
			require.NoError(t, p.Print(&out, v))
		}
	}
	return out.String()
}

func all(View) bool { return true }

func TestForms(t *testing.T) {
	for file, printer := range map[string]Printer{
		"testdata/table.golden.txt": &Table{}, "testdata/json.golden.txt": JSON{}, "testdata/yaml.golden.yaml": YAML{},
	} {
		out := printed(t, printer, all)
		golden.Compare(t, file, []byte(out))
		for _, r := range out {
			if r != '\n' && (r < 0x20 || (0x7f <= r && r < 0xa0) || r == 0x202e || r == 0xe0041) {
				t.Errorf("%s holds %U", file, r)
			}
		}
	}
}

// TestProgramsReadBackWhatWasSent compares both forms with what the messages hold.
func TestProgramsReadBackWhatWasSent(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(printed(t, JSON{}, all)), "\n")
	documents := yaml.NewDecoder(strings.NewReader(printed(t, YAML{}, all)))
	require.Len(t, lines, len(messages()))
	for i, m := range messages() {
		var want any
		if json.Valid(m.Value) {
			require.NoError(t, json.Unmarshal(m.Value, &want))
		} else if m.Value != nil {
			want = strings.ToValidUTF8(string(m.Value), "\ufffd")
		}
		var got, inYAML struct {
			Key     string
			Value   any
			Headers map[string]string
		}
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &got))
		assert.Equal(t, m.Key, got.Key)
		assert.Equal(t, want, got.Value, "message %d", i)
		require.NoError(t, documents.Decode(&inYAML))
		assert.Equal(t, got.Key, inYAML.Key)
		assert.Equal(t, got.Headers, inYAML.Headers)
		value, err := json.Marshal(inYAML.Value)
		require.NoError(t, err)
		wanted, err := json.Marshal(want)
		require.NoError(t, err)
		if i != 4 { // its number is more than a float holds
			assert.JSONEq(t, string(wanted), string(value), "message %d", i)
		}
		for _, h := range m.Headers {
			assert.Equal(t, h.Value, got.Headers[h.Name])
		}
	}
}

func TestNumbersStayAsTheyAre(t *testing.T) {
	for _, p := range []Printer{JSON{}, YAML{}} {
		assert.Contains(t, printed(t, p, all), "9007199254740993", "%T", p)
	}
}

func TestATextIsNoMergeKey(t *testing.T) {
	var out strings.Builder
	require.NoError(t, WriteYAML(&out, map[string]any{"<<": map[string]any{"namespace": "kube-system"}, "text": "<<"}))
	assert.Equal(t, "---\n\"<<\":\n  namespace: kube-system\ntext: \"<<\"\n", out.String())
}

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"":              "",
		"web-1 é 世":     "web-1 é 世",
		"\x1b[31m\a":    `\x1b[31m\x07`,
		"a\tb\nc\rd":    `a\x09b\x0ac\x0dd`,
		"\u009b\u00a0":  `\u009b\u00a0`,
		"\u202e\u200b":  `\u202e\u200b`,
		"\U000e0041":    `\U000e0041`,
		"\xff\xc3":      `\xff\xc3`,
		"\ufffd":        "\ufffd",
		`\x1b`:          `\\x1b`,
		"\x7f\u2028end": `\x7f\u2028end`,
	} {
		assert.Equal(t, want, Escape(text))
	}
}

func TestFilters(t *testing.T) {
	for sentence, test := range map[string]struct {
		filter Filter
		want   []int64
	}{
		"none":                             {Filter{}, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		"a namespace, on either topic":     {Filter{Namespace: "shop"}, []int64{1, 2, 6}},
		"a slice, and what belongs to it":  {Filter{Slice: "web"}, []int64{1, 2}},
		"a slice by its full name":         {Filter{Slice: "shop/jobs"}, []int64{3}},
		"part of a slice's name":           {Filter{Slice: "eb"}, nil},
		"a slice of another namespace":     {Filter{Slice: "tools/web"}, nil},
		"statuses":                         {Filter{Statuses: []string{"updated", "current"}}, []int64{2, 3}},
		"a kind, and what is forgotten":    {Filter{Kinds: []string{"node"}}, []int64{4, 5}},
		"a kind that both topics have":     {Filter{Kinds: []string{"kubernetesserviceinstance"}}, []int64{1, 3, 6, 7}},
		"snapshots":                        {Filter{Kinds: []string{"snapshot"}}, []int64{0}},
		"all of several":                   {Filter{Namespace: "shop", Statuses: []string{"created"}, Kinds: []string{"slice", "kubernetesserviceinstance"}}, []int64{1, 6}},
		"nothing of what can't be read":    {Filter{Statuses: []string{"created"}}, []int64{1, 6, 7}},
		"a namespace that is not there":    {Filter{Namespace: "none"}, nil},
		"the end of a node, and not after": {Filter{Kinds: []string{"node"}, Statuses: []string{"deleted"}}, []int64{4}},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []int64
			for _, m := range messages() {
				if test.filter.Matches(Of(m)) {
					got = append(got, m.Offset)
				}
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestWhatDoesNotShowIsEscaped(t *testing.T) {
	for r, want := range map[rune]string{0x3164: `\u3164`, 0x2800: `\u2800`, 0xfe0f: `\ufe0f`, 0x115f: `\u115f`, 0xe0101: `\U000e0101`, 'é': "é", '\u0301': "\u0301"} {
		assert.Equal(t, "a"+want+"b", Escape("a"+string(r)+"b"))
	}
	var out strings.Builder
	require.NoError(t, WriteYAML(&out, map[string]any{"text": "a\u3164b"}))
	assert.Equal(t, "---\ntext: \"a\\u3164b\"\n", out.String())
}

func TestALongTextMakesNoColumnWide(t *testing.T) {
	var out strings.Builder
	table := &Table{}
	for _, name := range []string{strings.Repeat("x", 1<<20), "short"} {
		require.NoError(t, table.Print(&out, View{Name: name, Status: "created"}))
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	assert.Contains(t, lines[1], strings.Repeat("x", 1<<20))
	assert.Less(t, len(lines[2]), 400)
}
