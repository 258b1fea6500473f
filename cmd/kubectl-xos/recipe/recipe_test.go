package recipe

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// namespaces are those that a case is converted with; none of the others.
var namespaces = map[string]string{"blob": "team"}

func TestRecipesBecomeManifests(t *testing.T) {
	golden.Cases(t, "testdata/recipes", ".yaml", func(t *testing.T, input []byte) []byte {
		t.Helper()
		made, err := Convert([]File{{"recipe.yaml", Text(input)}}, namespaces[filepath.Base(t.Name())])
		require.NoError(t, err)
		var out bytes.Buffer
		require.NoError(t, Write(&out, made))
		warnings := "# written to the standard error:\n# " + strings.Join(Warnings(made), "\n# ") + "\n"
		return append(out.Bytes(), warnings...)
	})
}

// of is a recipe of these templates.
func of(templates string) string {
	return "tosca_definitions_version: tosca_simple_yaml_1_0\ntopology_template:\n  node_templates:\n" +
		strings.ReplaceAll("\n"+strings.TrimSpace(templates), "\n", "\n    ")
}

func TestRecipesShareObjects(t *testing.T) {
	service := of(`
s: {type: tosca.nodes.Service, properties: {name: shop}}
td: {type: tosca.nodes.TrustDomain, properties: {name: trade}}
slice: {type: tosca.nodes.Slice, properties: {name: shop}, requirements: [{trust_domain: td}, {service: s}]}`)
	port := of(`
td: {type: tosca.nodes.TrustDomain, properties: {name: trade}}
s: {type: tosca.nodes.Service, properties: {name: shop, must-exist: true}}
p: {type: tosca.nodes.ServicePort, properties: {name: web, internal_port: 80}, requirements: [{service: s}]}`)
	made, err := Convert([]File{{"a.yaml", service}, {"b.yaml", port}}, "")
	require.NoError(t, err)
	assert.Equal(t, 4, Objects(made))
	assert.Equal(t, "left out: template \"td\" of a.yaml makes the same", made[3].Notes[0].Text)
	assert.Equal(t, map[string]any{"name": "web", "namespace": "trade"}, made[5].Object["metadata"])

	_, err = Convert([]File{{"a.yaml", service}, {"b.yaml", strings.Replace(port, "{name: trade}", "{name: trade, xos_managed: true}", 1)}}, "")
	assert.EqualError(t, err, `b.yaml: template "td": TrustDomain "trade" is another one in template "td" of a.yaml: make both say the same, or one of them must-exist`)
}

const td = "td: {type: tosca.nodes.TrustDomain, properties: {name: a}}\n"

func TestWhatCantBeExpressedIsNamed(t *testing.T) {
	for _, c := range []struct{ name, recipe, want string }{
		{"nothing", "", `r: is empty`},
		{"no YAML", "a: [", `r: is not valid YAML: yaml: line 1: did not find expected node content`},
		{"a secret for an anchor", "a: *sesame", `r: is not valid YAML: yaml: unknown anchor referenced`},
		{"no recipe", "a: b", `r: "a" can't be expressed: only topology_template can`},
		{"another version", "tosca_definitions_version: tosca_2_0", `r: tosca_definitions_version is "tosca_2_0" and not tosca_simple_yaml_1_0: it is no recipe of XOS`},
		{"two documents", of(td) + "\n---\na: b\n", `r: has several documents: a recipe is one, write each into a file of its own`},
		{"inputs", of(td) + "\n  inputs: {a: {type: string}}", `r: topology_template: "inputs" can't be expressed: only node_templates can`},
		{"artifacts", of("a: {type: tosca.nodes.Site, artifacts: {b: c}}"), `r: template "a": "artifacts" can't be expressed: only type, properties and requirements can`},
		{"another type", of("a\x7f: {type: tosca.nodes.Network}"), `r: is not valid YAML: yaml: control characters are not allowed`},
		{"no such type", of(`"a\u202e": {type: tosca.nodes.Network}`), `r: template "a\u202e": type tosca.nodes.Network can't be expressed: there are Image, ` +
			`KubernetesConfigMap, KubernetesConfigVolumeMount, KubernetesResourceInstance, KubernetesSecret, KubernetesSecretVolumeMount, KubernetesService, ` +
			`KubernetesServiceInstance, Principal, Service, ServicePort, Site, Slice, TrustDomain`},
		{"no such property", of("a: {type: tosca.nodes.TrustDomain, properties: {name: a, colour: red}}"),
			`r: template "a": property "colour": can't be expressed: a TrustDomain has name, xos_managed`},
		{"twice", of("a: {type: tosca.nodes.TrustDomain, properties: {name: a, name: b}}"), `r: template "a": properties: line 5: "name" is there twice`},
		{"a merge key", of("a: {type: tosca.nodes.TrustDomain, properties: {<<: {name: a}}}"), `r: template "a": properties: line 5: a merge key (<<) can't be expressed: write out what it merges`},
		{"no name", of("a: {type: tosca.nodes.TrustDomain}"), `r: template "a": property "name" is missing`},
		{"a name of nothing", of("a: {type: tosca.nodes.TrustDomain, properties: {name: ___}}"),
			`r: template "a": property "name": "___" can't be made a name of Kubernetes, of at most 63 lower-case letters, digits and '-': give it another one`},
		{"a name of a Service", of("a: {type: tosca.nodes.Service, properties: {name: 5g}}"),
			`r: template "a": property "name": "5g" does not begin with a letter, as the name of a Service does: give it another one`},
		{"one name of two", of("a: {type: tosca.nodes.Site, properties: {name: a_b}}\nb: {type: tosca.nodes.Site, properties: {name: A B}}"),
			`r: template "b": property "name": "A B" and "a_b" of template "a" are one name in Kubernetes: give it another one`},
		{"a function", of("a: {type: tosca.nodes.Site, properties: {name: a, site_url: {get_input: url}}}"),
			`r: template "a": property "site_url": the function get_input of TOSCA can't be expressed: write the value`},
		{"half a place", of("a: {type: tosca.nodes.Site, properties: {name: a, latitude: 4}}"),
			`r: template "a": latitude and longitude make a place together: give both or neither`},
		{"no namespace", of("a: {type: tosca.nodes.Service, properties: {name: a}}"),
			`r: template "a": no trust domain follows from the recipe, and so no namespace: choose one with -n`},
		{"a circle", of("a: {type: tosca.nodes.ServicePort, properties: {name: a, internal_port: 1}, requirements: [{service: a}]}"),
			`r: template "a": requirement "service": template "a" is no tosca.nodes.Service`},
		{"a type that becomes no object", of("d: {type: tosca.nodes.ServiceDependency}\n" +
			"a: {type: tosca.nodes.Slice, properties: {name: a}, requirements: [{trust_domain: d}]}"),
			`r: template "a": requirement "trust_domain": template "d" is no tosca.nodes.TrustDomain`},
		{"no such node", of("a: {type: tosca.nodes.Principal, properties: {name: a}, requirements: [{trust_domain: b}]}"),
			`r: template "a": requirement "trust_domain": the recipe has no template "b"`},
		{"no such requirement", of(td + "a: {type: tosca.nodes.Principal, properties: {name: a}, requirements: [{trust_domain: td}, {flavor: td}]}"),
			`r: template "a": requirement "flavor": can't be expressed: a Principal has trust_domain`},
		{"many of one", of(td + "a: {type: tosca.nodes.Principal, properties: {name: a}, requirements: [trust_domain: {node: td, relationship: tosca.relationships.ManyToMany}]}"),
			`r: template "a": requirement "trust_domain": "relationship" can't be expressed: only a node, with the relationship tosca.relationships.BelongsToOne, can`},
		{"no image", of(td + "s: {type: tosca.nodes.Slice, properties: {name: s}, requirements: [{trust_domain: td}]}\n" +
			"a: {type: tosca.nodes.KubernetesServiceInstance, properties: {name: a}, requirements: [{slice: s}]}"), `r: template "a": requirement "image" is missing`},
		{"a port of others", of(td + "v: {type: tosca.nodes.Service, properties: {name: s}}\ns: {type: tosca.nodes.Slice, properties: {name: s}, requirements: [{trust_domain: td}, {service: v}]}\n" +
			"a: {type: tosca.nodes.ServicePort, properties: {name: a, internal_port: 80, external_port: 80}, requirements: [{service: v}]}"),
			`r: template "a": property "external_port": expected a number from 30000 to 32767`},
		{"a value that is no text", of(td + "a: {type: tosca.nodes.KubernetesConfigMap, properties: {name: a, data: '{\"port\": 80}'}, requirements: [{trust_domain: td}]}"),
			`r: template "a": property "data": key "port": expected a text: put the value in quotes`},
		{"a secret that is no base64", of(td + "a: {type: tosca.nodes.KubernetesSecret, properties: {name: a, data: '{\"key\": \"open sesame\"}'}, requirements: [{trust_domain: td}]}"),
			`r: template "a": property "data": key "key": expected base64, as the original does`},
		{"domains of two", of(td + "tb: {type: tosca.nodes.TrustDomain, properties: {name: b}}\np: {type: tosca.nodes.Principal, properties: {name: p}, requirements: [{trust_domain: tb}]}\n" +
			"a: {type: tosca.nodes.Slice, properties: {name: a}, requirements: [{trust_domain: td}, {principal: p}]}"),
			`r: template "a": requirement "principal": template "p" is in namespace b and this one in a: they have to be in one, put both into one trust domain or choose a namespace with -n`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Convert([]File{{"r", c.recipe}}, "")
			assert.EqualError(t, err, c.want)
		})
	}
}

func TestEachProblemIsNamed(t *testing.T) {
	_, err := Convert([]File{{"r", of("a: {type: tosca.nodes.TrustDomain, properties: {name: a, x: 1, y: 2}}\nb: {type: tosca.nodes.Service, properties: {name: b}}")}}, "")
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), 3)
}

func TestARecipeCantBeLargerThanItsLimits(t *testing.T) {
	_, err := Convert([]File{{"r", strings.Repeat("#", MaxBytes+1)}}, "")
	assert.ErrorContains(t, err, "has 1048577 bytes, the limit is 1048576")

	_, err = Convert([]File{{"r", "dsl_definitions:\n  text: &text '" + strings.Repeat("a", MaxBytes/2) + "'\n" + of(aliases(20))}}, "")
	assert.ErrorContains(t, err, "bytes with aliases written out, which is the limit")

	var many strings.Builder
	for i := range maxTemplates + 1 {
		many.WriteString("t" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + ": {type: tosca.nodes.Site}\n")
	}
	_, err = Convert([]File{{"r", of(many.String())}}, "")
	assert.ErrorContains(t, err, "has 1025 node templates, the limit is 1024")

	lists := "dsl_definitions:\n  list: &list [" + strings.Repeat("{},", MaxBytes/4) + "]\n"
	var templates strings.Builder
	for i := range 20 {
		templates.WriteString("t" + strings.Repeat("i", i) + ": {type: tosca.nodes.Site, properties: {name: a}, requirements: *list}\n")
	}
	_, err = Convert([]File{{"r", lists + of(templates.String())}}, "")
	assert.ErrorContains(t, err, "bytes with aliases written out, which is the limit")

	var properties strings.Builder
	for i := range 1000 {
		properties.WriteString(strings.Repeat("x", i%10+1) + strings.Repeat("y", i/10) + ": 1, ")
	}
	_, err = Convert([]File{{"r", of("a: {type: tosca.nodes.Site, properties: {name: a, " + properties.String() + "}}\nb: {type: tosca.nodes.Site, properties: {name: b, x: 1}}")}}, "")
	require.Error(t, err)
	assert.Len(t, strings.Split(err.Error(), "\n"), maxProblems)

	_, err = Convert([]File{{"r", of("a: &a {type: tosca.nodes.Site, properties: *a}")}}, "")
	assert.Error(t, err, "an anchor in itself")
}

// aliases are templates that all have the same long text.
func aliases(count int) string {
	var b strings.Builder
	for i := range count {
		name := "t" + strings.Repeat("i", i)
		b.WriteString(name + ": {type: tosca.nodes.Site, properties: {name: " + name + ", abbreviated_name: *text}}\n")
	}
	return b.String()
}

func FuzzConvert(f *testing.F) {
	inputs, err := filepath.Glob("testdata/recipes/*.yaml")
	require.NoError(f, err)
	for _, path := range inputs {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		made, err := Convert([]File{{"r", text}}, "team")
		if err != nil {
			return
		}
		var out bytes.Buffer
		require.NoError(t, Write(&out, made))
		for _, r := range out.String() {
			require.True(t, r == '\n' || r >= ' ', "a control character: %q", out.String())
		}
	})
}
