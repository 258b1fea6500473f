package chart

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

// included are files of the chart that are a manifest's value as they stand.
var included = regexp.MustCompile(`(?s)((?:\n  groups:|\n  xos-kubernetes-service.json: \|)).*?\n---`)

func TestManifestsOfValues(t *testing.T) {
	t.Parallel()
	inputs, err := filepath.Glob("testdata/*.yaml")
	require.NoError(t, err)
	cases := 0
	for _, path := range inputs {
		if strings.HasSuffix(path, ".golden.yaml") {
			continue
		}
		cases++
		text, err := helm(t, "template", "xos", chart, "--namespace="+namespace, "--values="+path)
		require.NoError(t, err)
		golden.Compare(t, strings.TrimSuffix(path, ".yaml")+".golden.yaml", included.ReplaceAll([]byte(text), []byte("$1 ...\n\n---")))
	}
	require.NotZero(t, cases)
}

func TestLintFindsNothing(t *testing.T) {
	t.Parallel()
	for _, values := range []string{"testdata/everything.yaml", "testdata/least.yaml"} {
		out, err := helm(t, "lint", chart, "--strict", "--namespace="+namespace, "--values="+values)
		require.NoError(t, err, out)
	}
}

func TestValuesThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct{ values, want string }{
		"an image has to be named":               {"image.repository=", "image.repository is empty: no image is published yet"},
		"a value has to exist":                   {"kafka.broker=a:9092", "additional properties 'broker' not allowed"},
		"brokers have ports":                     {"kafka.brokers={kafka}", "/kafka/brokers/0"},
		"transactions are one of three":          {"kafka.transactions=maybe", "/kafka/transactions"},
		"a mechanism has a Secret":               {"kafka.brokers={a:1},kafka.sasl.mechanism=PLAIN", "kafka.sasl.secret is empty"},
		"topics belong to a Kafka":               {"kafka.strimzi.enabled=true", "kafka.strimzi.cluster is empty"},
		"a monitor needs what it scrapes":        {"metrics.serviceMonitor.enabled=true,metrics.service.enabled=false", "metrics.serviceMonitor.enabled needs"},
		"a memory limit can be computed with":    {"resources.limits.memory=0.5Gi", "/resources/limits/memory"},
		"further flags are flags":                {"extraArgs={release}", "/extraArgs/0"},
		"who reads metrics has a namespace":      {"metrics.readers[0].name=prometheus", "/metrics/readers/0"},
		"a port is one":                          {"metrics.port=70000", "/metrics/port"},
		"a number of replicas is not a text":     {"replicas=many", "/replicas"},
		"impersonation is one of two":            {"rbac.impersonation=All", "/rbac/impersonation"},
		"an uninstall takes longer than that":    {"uninstall.timeoutSeconds=1", "/uninstall/timeoutSeconds"},
		"a digest is a digest":                   {"image.digest=latest", "/image/digest"},
		"the retention of a topic is in hours":   {"kafka.strimzi.deleteRetention=1d", "/kafka/strimzi/deleteRetention"},
		"the log is in one of the two formats":   {"logging.format=xml", "/logging/format"},
		"what keeps the ends of pods is bounded": {"maxPendingEvents=0", "/maxPendingEvents"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			_, err := helm(t, "template", "xos", chart, "--namespace="+namespace, "--set=image.repository="+image, "--set="+test.values)
			require.Error(t, err)
			// The path of a field is written differently by versions of Helm.
			assert.Contains(t, strings.ReplaceAll(err.Error(), ".", "/"), strings.ReplaceAll(test.want, ".", "/"))
		})
	}
	t.Run("the fence keeps the manager out of kube-system", func(t *testing.T) {
		t.Parallel()
		_, err := helm(t, "template", "xos", chart, "--namespace=kube-system", "--set=image.repository="+image)
		require.ErrorContains(t, err, "the namespace kube-system can't have the manager")
	})
}

func TestMetricsAreScrapedAsTheyAreServed(t *testing.T) {
	t.Parallel()
	const monitor = "--set=crds.enabled=false,metrics.serviceMonitor.enabled=true,metrics.secure="
	endpoint := func(objects []*unstructured.Unstructured) map[string]any {
		endpoints, _, err := unstructured.NestedSlice(only(objects, "ServiceMonitor")[name].Object, "spec", "endpoints")
		require.NoError(t, err)
		require.Len(t, endpoints, 1)
		return endpoints[0].(map[string]any)
	}
	secure, plain := rendered(t, monitor+"true"), rendered(t, monitor+"false")
	assert.Contains(t, args(t, secure), "--metrics-secure")
	assert.Equal(t, "https", endpoint(secure)["scheme"])
	assert.Equal(t, map[string]any{"insecureSkipVerify": true}, endpoint(secure)["tlsConfig"])
	assert.Contains(t, only(secure, "ClusterRole"), "xos-metrics-reader")
	assert.NotContains(t, args(t, plain), "--metrics-secure")
	assert.NotContains(t, endpoint(plain), "scheme")
	assert.NotContains(t, only(plain, "ClusterRole"), "xos-metrics-reader")
}

// withoutAValue are the flags that the chart has no value for, and why.
var withoutAValue = map[string]string{
	"help":                      "of no use to a Deployment",
	"kubeconfig":                "the pod's account counts",
	"leader-elect":              "always: an uninstall waits for the Lease",
	"log-flush-frequency":       "seldom, by extraArgs",
	"log-json-info-buffer-size": "alpha",
	"log-json-split-stream":     "alpha",
	"log-text-info-buffer-size": "alpha",
	"log-text-split-stream":     "alpha",
	"version":                   "of no use to a Deployment",
}

func TestEachFlagHasAValue(t *testing.T) {
	t.Parallel()
	help, err := os.ReadFile(filepath.Join(root, "cmd/xos-controller-manager/testdata/help.golden.txt"))
	require.NoError(t, err)
	set := map[string]bool{}
	for _, flag := range args(t, rendered(t, "--values=testdata/everything.yaml")) {
		name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		set[name] = true
	}
	for _, flag := range regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+) `).FindAllStringSubmatch(string(help), -1) {
		if name := flag[1]; withoutAValue[name] == "" {
			assert.True(t, set[name], "--%s has no value, or testdata/everything.yaml does not set it", name)
		} else {
			assert.False(t, set[name], "--%s has a value", name)
		}
		delete(set, flag[1])
	}
	assert.Empty(t, set, "flags that the program does not have")
}

// property is a part of values.schema.json.
type property struct {
	Properties map[string]property `json:"properties"`
}

func TestTheSchemaHasTheValuesAndNoOthers(t *testing.T) {
	t.Parallel()
	var schema property
	text, err := os.ReadFile(filepath.Join(chart, "values.schema.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &schema))
	delete(schema.Properties, "global") // Helm's own
	values := map[string]any{}
	text, err = os.ReadFile(filepath.Join(chart, "values.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.UnmarshalStrict(text, &values))
	var compare func(path string, schema property, values map[string]any)
	compare = func(path string, schema property, values map[string]any) {
		for key, below := range schema.Properties {
			value, found := values[key]
			assert.True(t, found, "values.yaml lacks %s", path+key)
			if object, is := value.(map[string]any); is && len(below.Properties) > 0 {
				compare(path+key+".", below, object)
			}
		}
		for key := range values {
			if path != "resources." {
				assert.Contains(t, schema.Properties, key, "values.schema.json lacks %s", path+key)
			}
		}
	}
	compare("", schema, values)
}
