//go:build kafka

package kafka_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/kafka"
	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

// enough is more than any of these tests has to wait.
const enough = time.Minute

func TestPlaintext(t *testing.T) { roundTrip(t, realkafka.Plaintext(t), kafka.Settings{}) }

func TestTLS(t *testing.T) {
	b := realkafka.Shared(t)
	roundTrip(t, []string{b.TLS()}, kafka.Settings{TLS: kafka.TLS{Enabled: true, CAFile: b.CAFile}})
}

func TestMutualTLS(t *testing.T) {
	b := realkafka.Shared(t)
	settings := mutual(t, b)
	b.Authority.WriteClient(t, settings.TLS.CertFile, settings.TLS.KeyFile, "xos", time.Now().Add(time.Hour))
	roundTrip(t, []string{b.MutualTLS()}, settings)
}

func TestSASL(t *testing.T) {
	b := realkafka.Shared(t)
	for _, mechanism := range kafka.Mechanisms() {
		t.Run(mechanism, func(t *testing.T) {
			roundTrip(t, []string{b.SASL()}, kafka.Settings{SASL: as(t, mechanism, realkafka.User, realkafka.Password+"\n")})
		})
	}
}

func TestSASLOverTLS(t *testing.T) {
	b := realkafka.Shared(t)
	roundTrip(t, []string{b.SASLOverTLS()}, kafka.Settings{
		TLS:  kafka.TLS{Enabled: true, CAFile: b.CAFile},
		SASL: as(t, sarama.SASLTypeSCRAMSHA512, realkafka.User, realkafka.Password),
	})
}

func TestARefusalSaysWhatToChange(t *testing.T) {
	b := realkafka.Shared(t)
	stranger, err := realkafka.NewAuthority()
	require.NoError(t, err)
	strangers := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(strangers, stranger.PEM(), 0o600))
	trusting := kafka.TLS{Enabled: true, CAFile: b.CAFile}

	for sentence, test := range map[string]struct {
		address  string
		settings kafka.Settings
		want     string
	}{
		"a wrong password of PLAIN":     {b.SASL(), kafka.Settings{SASL: as(t, sarama.SASLTypePlaintext, realkafka.User, "hunter2")}, "(--kafka-sasl-password-file)"},
		"a wrong password of SCRAM":     {b.SASL(), kafka.Settings{SASL: as(t, sarama.SASLTypeSCRAMSHA512, realkafka.User, "hunter2")}, "(--kafka-sasl-password-file)"},
		"an unknown user":               {b.SASL(), kafka.Settings{SASL: as(t, sarama.SASLTypeSCRAMSHA256, "nobody", "hunter2")}, "(--kafka-sasl-username-file)"},
		"a broker of another authority": {b.TLS(), kafka.Settings{TLS: kafka.TLS{Enabled: true, CAFile: strangers}}, "have --kafka-tls-ca-file name"},
		"a broker of another name":      {b.TLS(), kafka.Settings{TLS: kafka.TLS{Enabled: true, CAFile: b.CAFile, ServerName: "elsewhere"}}, "set --kafka-tls-server-name"},
		"no client certificate":         {b.MutualTLS(), kafka.Settings{TLS: trusting}, "set --kafka-tls-cert-file and --kafka-tls-key-file"},
		"TLS where there is none":       {b.Plaintext(), kafka.Settings{TLS: trusting}, "leave out --kafka-tls"},
		"no TLS where it is needed":     {b.TLS(), kafka.Settings{}, "set --kafka-tls"},
		"nobody where SASL is needed":   {b.SASL(), kafka.Settings{}, "set --kafka-sasl-mechanism"},
		"SASL where there is none":      {b.Plaintext(), kafka.Settings{SASL: as(t, sarama.SASLTypePlaintext, "xos", "hunter2")}, "leave out --kafka-sasl-mechanism"},
	} {
		t.Run(sentence, func(t *testing.T) {
			client, err := connect(t, []string{test.address}, test.settings)
			if err == nil {
				client.Close()
			}
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestARenewedClientCertificateIsTaken(t *testing.T) {
	b := realkafka.Shared(t)
	settings := mutual(t, b)
	b.Authority.WriteClient(t, settings.TLS.CertFile, settings.TLS.KeyFile, "xos", time.Now().Add(-time.Hour))
	before, err := settings.Fingerprint()
	require.NoError(t, err)
	_, err = connect(t, []string{b.MutualTLS()}, settings)
	require.ErrorContains(t, err, "renew the client certificate in "+settings.TLS.CertFile)

	b.Authority.WriteClient(t, settings.TLS.CertFile, settings.TLS.KeyFile, "xos", time.Now().Add(time.Hour))
	after, err := settings.Fingerprint()
	require.NoError(t, err)
	assert.NotEqual(t, before, after)
	roundTrip(t, []string{b.MutualTLS()}, settings)
}

// mutual returns settings whose client certificate is not written yet.
func mutual(t *testing.T, b *realkafka.Broker) kafka.Settings {
	t.Helper()
	dir := t.TempDir()
	return kafka.Settings{TLS: kafka.TLS{
		Enabled: true, CAFile: b.CAFile, CertFile: filepath.Join(dir, "tls.crt"), KeyFile: filepath.Join(dir, "tls.key"),
	}}
}

func as(t *testing.T, mechanism, username, password string) kafka.SASL {
	t.Helper()
	dir := t.TempDir()
	s := kafka.SASL{Mechanism: mechanism, UsernameFile: filepath.Join(dir, "username"), PasswordFile: filepath.Join(dir, "password")}
	require.NoError(t, os.WriteFile(s.UsernameFile, []byte(username), 0o600))
	require.NoError(t, os.WriteFile(s.PasswordFile, []byte(password), 0o600))
	return s
}

// connect connects by the settings; an error says what to change.
func connect(t *testing.T, brokers []string, settings kafka.Settings) (sarama.Client, error) {
	t.Helper()
	config := sarama.NewConfig()
	config.Metadata.Retry.Max = 0
	config.Net.ReadTimeout = 5 * time.Second
	config.Producer.RequiredAcks, config.Producer.Return.Successes = sarama.WaitForAll, true
	require.NoError(t, settings.Apply(config))
	client, err := sarama.NewClient(brokers, config)
	if err != nil {
		return nil, settings.Explain(err)
	}
	return client, nil
}

// roundTrip produces a message to a topic of the test's own, and consumes it.
func roundTrip(t *testing.T, brokers []string, settings kafka.Settings) {
	t.Helper()
	client, err := connect(t, brokers, settings)
	require.NoError(t, err)
	defer client.Close()
	topics := newTopics()
	require.NoError(t, kafka.EnsureTopics(adminOf(t, client), topics))
	require.Eventually(t, func() bool { return client.RefreshMetadata(topics.InventoryTopic) == nil }, enough, 50*time.Millisecond)

	producer, err := sarama.NewSyncProducerFromClient(client)
	require.NoError(t, err)
	defer producer.Close()
	consumer, err := sarama.NewConsumerFromClient(client)
	require.NoError(t, err)
	defer consumer.Close()
	partition, offset, err := producer.SendMessage(&sarama.ProducerMessage{
		Topic: topics.InventoryTopic, Key: sarama.StringEncoder("key"), Value: sarama.StringEncoder("value"),
	})
	require.NoError(t, err)
	messages, err := consumer.ConsumePartition(topics.InventoryTopic, partition, offset)
	require.NoError(t, err)
	defer messages.Close()
	select {
	case m := <-messages.Messages():
		assert.Equal(t, "key", string(m.Key))
		assert.Equal(t, "value", string(m.Value))
	case <-time.After(enough):
		t.Fatal("no message came")
	}
}
