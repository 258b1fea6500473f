package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/test/testkit/golden"
)

func TestHelpListsTheFlags(t *testing.T) {
	var got bytes.Buffer
	cmd := newCommand()
	cmd.SetOut(&got)
	cmd.SetArgs([]string{"--help"})
	require.NoError(t, cmd.Execute())
	golden.Compare(t, "testdata/help.golden.txt", got.Bytes())
}

func TestFlagsThatMakeNoSenseAreRefusedBeforeAnythingStarts(t *testing.T) {
	for sentence, test := range map[string]struct {
		args []string
		want []string
	}{
		"nothing set is fine":              {nil, nil},
		"endpoints may be off":             {[]string{"--metrics-bind-address=0", "--health-probe-bind-address="}, nil},
		"brokers have ports":               {[]string{"--kafka-brokers=a:9092,[::1]:9092"}, nil},
		"no workers":                       {[]string{"--workers=0"}, []string{"--workers is 0: it must be at least 1"}},
		"a broker without a port":          {[]string{"--kafka-brokers=a:9092,b"}, []string{`--kafka-brokers: "b" is not host:port`}},
		"a health address without a port":  {[]string{"--health-probe-bind-address=localhost"}, []string{`--health-probe-bind-address: "localhost" is not [host]:port`}},
		"a metrics address without a port": {[]string{"--metrics-bind-address=8080"}, []string{`--metrics-bind-address: "8080" is not [host]:port`}},
		"all errors are reported at once":  {[]string{"--workers=-1", "--kafka-brokers=b"}, []string{"--workers is -1", `"b" is not host:port`}},
	} {
		t.Run(sentence, func(t *testing.T) {
			o := defaultOptions()
			cmd := newCommand()
			cmd.ResetFlags()
			o.addFlags(cmd)
			require.NoError(t, cmd.ParseFlags(test.args))
			err := o.validate()
			if test.want == nil {
				assert.NoError(t, err)
			}
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	cmd := newCommand()
	cmd.SetArgs([]string{"run"})
	assert.ErrorContains(t, cmd.Execute(), "run")
}

func TestAMissingClusterIsReportedWithTheWaysToNameOne(t *testing.T) {
	t.Setenv("KUBECONFIG", "")
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	_, err := defaultOptions().restConfig()
	assert.EqualError(t, err, "there is no cluster: pass --kubeconfig, set KUBECONFIG, or run in a pod")
}

func TestAKubeconfigThatIsMissingIsNamed(t *testing.T) {
	o := defaultOptions()
	o.kubeconfig = "no-such-file"
	_, err := o.restConfig()
	assert.ErrorContains(t, err, "no-such-file")
}
