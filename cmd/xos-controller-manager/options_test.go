package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/kafka"
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

func TestVersionIsPrinted(t *testing.T) {
	var got bytes.Buffer
	cmd := newCommand()
	cmd.SetOut(&got)
	cmd.SetArgs([]string{"--version"})
	require.NoError(t, cmd.Execute())
	assert.Equal(t, "xos-controller-manager version unversioned\n", got.String())
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
		"a certificate without its key":    {[]string{"--metrics-secure", "--metrics-tls-cert-file=c"}, []string{"--metrics-tls-cert-file and --metrics-tls-key-file go together"}},
		"a certificate for plain text":     {[]string{"--metrics-tls-cert-file=c", "--metrics-tls-key-file=k"}, []string{"--metrics-tls-cert-file has no effect without --metrics-secure"}},
		"secured metrics":                  {[]string{"--metrics-secure", "--metrics-tls-cert-file=c", "--metrics-tls-key-file=k"}, nil},
		"Kafka may be encrypted":           {[]string{"--kafka-tls", "--kafka-tls-ca-file=ca", "--kafka-tls-cert-file=c", "--kafka-tls-key-file=k"}, nil},
		"Kafka may ask for a password":     {[]string{"--kafka-sasl-mechanism=SCRAM-SHA-512", "--kafka-sasl-username-file=u", "--kafka-sasl-password-file=p"}, nil},
		"an authority without TLS":         {[]string{"--kafka-tls-ca-file=ca"}, []string{"--kafka-tls-ca-file has no effect without --kafka-tls"}},
		"a mechanism without a password":   {[]string{"--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-username-file=u"}, []string{"--kafka-sasl-mechanism needs --kafka-sasl-password-file"}},
		"one topic for both":               {[]string{"--kafka-inventory-topic=xos.kubernetes.pod-details"}, []string{"--kafka-topic and --kafka-inventory-topic are both"}},
		"fewer than no partitions":         {[]string{"--kafka-partitions=-1", "--kafka-replicas=-1"}, []string{"--kafka-partitions is -1", "--kafka-replicas is -1"}},
		"another word for transactions":    {[]string{"--kafka-transactions=maybe"}, []string{`--kafka-transactions: "maybe" is not one of auto, on, off`}},
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

func TestKafkaFlagsReachTheManager(t *testing.T) {
	o := defaultOptions()
	cmd := newCommand()
	cmd.ResetFlags()
	o.addFlags(cmd)
	require.NoError(t, cmd.ParseFlags([]string{
		"--kafka-brokers=a:9092", "--kafka-create-topics", "--kafka-partitions=6", "--kafka-replicas=3", "--kafka-transactions=on",
		"--kafka-tls", "--kafka-tls-ca-file=ca", "--kafka-sasl-mechanism=PLAIN", "--kafka-sasl-username-file=u", "--kafka-sasl-password-file=p",
	}))
	got := o.manager(nil).Kafka
	assert.Equal(t, kafka.Settings{
		TLS: kafka.TLS{Enabled: true, CAFile: "ca"}, SASL: kafka.SASL{Mechanism: "PLAIN", UsernameFile: "u", PasswordFile: "p"},
	}, got.Settings)
	assert.Equal(t, kafka.TopicOptions{
		PodTopic: "xos.kubernetes.pod-details", InventoryTopic: "xos.inventory.v1", CreateTopics: true, Partitions: 6, Replicas: 3,
	}, got.TopicOptions)
	assert.Equal(t, kafka.TransactionsOn, got.Transactions)
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
