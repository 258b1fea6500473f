package kafka

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

func TestSettingsThatDoNotGoTogetherAreNamed(t *testing.T) {
	for sentence, test := range map[string]struct {
		settings Settings
		want     []string
	}{
		"nothing":                 {Settings{}, nil},
		"TLS alone":               {Settings{TLS: TLS{Enabled: true}}, nil},
		"all":                     {Settings{TLS: TLS{true, "ca", "cert", "key", "name"}, SASL: SASL{"SCRAM-SHA-512", "user", "password"}}, nil},
		"files without TLS":       {Settings{TLS: TLS{CAFile: "ca", ServerName: "name"}}, []string{"--kafka-tls-ca-file has no effect without --kafka-tls", "--kafka-tls-server-name has no effect"}},
		"a certificate alone":     {Settings{TLS: TLS{Enabled: true, CertFile: "cert"}}, []string{"--kafka-tls-cert-file needs --kafka-tls-key-file"}},
		"a key alone":             {Settings{TLS: TLS{Enabled: true, KeyFile: "key"}}, []string{"--kafka-tls-key-file needs --kafka-tls-cert-file"}},
		"a mechanism alone":       {Settings{SASL: SASL{Mechanism: "PLAIN"}}, []string{"needs --kafka-sasl-username-file", "needs --kafka-sasl-password-file"}},
		"files alone":             {Settings{SASL: SASL{UsernameFile: "u", PasswordFile: "p"}}, []string{"--kafka-sasl-username-file needs --kafka-sasl-mechanism", "--kafka-sasl-password-file needs"}},
		"an unknown mechanism":    {Settings{SASL: SASL{"GSSAPI", "u", "p"}}, []string{`"GSSAPI" is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512`}},
		"several things, at once": {Settings{TLS: TLS{Enabled: true, KeyFile: "key"}, SASL: SASL{Mechanism: "plain"}}, []string{"--kafka-tls-key-file needs", `"plain" is not`, "needs --kafka-sasl-password-file"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := test.settings.Validate()
			if test.want == nil {
				assert.NoError(t, err)
			}
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
		})
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// testSettings are settings whose files are all there.
func testSettings(t *testing.T) Settings {
	t.Helper()
	dir := t.TempDir()
	authority, err := realkafka.NewAuthority()
	require.NoError(t, err)
	s := Settings{
		TLS: TLS{
			Enabled: true, CAFile: write(t, filepath.Join(dir, "ca.crt"), string(authority.PEM())),
			CertFile: filepath.Join(dir, "tls.crt"), KeyFile: filepath.Join(dir, "tls.key"), ServerName: "kafka",
		},
		SASL: SASL{
			Mechanism: sarama.SASLTypeSCRAMSHA256, UsernameFile: write(t, filepath.Join(dir, "username"), "alice\n"),
			PasswordFile: write(t, filepath.Join(dir, "password"), " hunter2 \r\n"),
		},
	}
	authority.WriteClient(t, s.TLS.CertFile, s.TLS.KeyFile, "alice", time.Now().Add(time.Hour))
	return s
}

func TestSettingsAreApplied(t *testing.T) {
	config := sarama.NewConfig()
	require.NoError(t, testSettings(t).Apply(config))
	require.NoError(t, config.Validate())
	assert.True(t, config.Net.TLS.Enable)
	assert.Equal(t, "kafka", config.Net.TLS.Config.ServerName)
	assert.EqualValues(t, tls.VersionTLS12, config.Net.TLS.Config.MinVersion)
	assert.Len(t, config.Net.TLS.Config.Certificates, 1)
	assert.True(t, config.Net.SASL.Enable)
	assert.Equal(t, "alice", config.Net.SASL.User)
	assert.Equal(t, " hunter2 ", config.Net.SASL.Password, "only the line's end is left out")
}

func TestNoSettingsChangeNothing(t *testing.T) {
	config := sarama.NewConfig()
	require.NoError(t, Settings{}.Apply(config))
	assert.False(t, config.Net.TLS.Enable)
	assert.False(t, config.Net.SASL.Enable)
}

func TestAFileThatCannotBeUsedIsNamedWithoutItsContent(t *testing.T) {
	for sentence, test := range map[string]struct {
		spoil func(s *Settings)
		want  []string
	}{
		"the authority is missing":       {func(s *Settings) { s.TLS.CAFile = "gone" }, []string{"--kafka-tls-ca-file", "gone"}},
		"the authority is no PEM":        {func(s *Settings) { write(t, s.TLS.CAFile, "hunter2") }, []string{"--kafka-tls-ca-file", "BEGIN CERTIFICATE"}},
		"the key is no PEM":              {func(s *Settings) { write(t, s.TLS.KeyFile, "hunter2") }, []string{"--kafka-tls-key-file", "can't be used together"}},
		"the key is another's":           {func(s *Settings) { s.TLS.KeyFile = testSettings(t).TLS.KeyFile }, []string{"the key that of the certificate"}},
		"the password is empty":          {func(s *Settings) { write(t, s.SASL.PasswordFile, "\n") }, []string{"--kafka-sasl-password-file", "is empty"}},
		"the password has two lines":     {func(s *Settings) { write(t, s.SASL.PasswordFile, "hunter2\nhunter2") }, []string{"has several lines"}},
		"the user's file is missing":     {func(s *Settings) { s.SASL.UsernameFile = "gone" }, []string{"--kafka-sasl-username-file", "gone"}},
		"several files are told at once": {func(s *Settings) { s.TLS.CAFile, s.SASL.UsernameFile = "gone", "away" }, []string{"gone", "away"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := testSettings(t)
			test.spoil(&s)
			config := sarama.NewConfig()
			err := s.Apply(config)
			for _, want := range test.want {
				assert.ErrorContains(t, err, want)
			}
			assert.NotContains(t, err.Error(), "hunter2")
			assert.False(t, config.Net.TLS.Enable || config.Net.SASL.Enable, "the configuration is left as it was")
		})
	}
}

func TestAPasswordThatSCRAMForbidsIsNotQuoted(t *testing.T) {
	client := scramClientGenerator(sarama.SASLTypeSCRAMSHA512)()
	err := client.Begin("alice", "hunter2\x07", "")
	require.ErrorContains(t, err, "--kafka-sasl-password-file")
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestAFingerprintFollowsTheFiles(t *testing.T) {
	s := testSettings(t)
	fingerprint := func() string {
		f, err := s.Fingerprint()
		require.NoError(t, err)
		return f
	}
	for _, path := range []string{s.TLS.CAFile, s.TLS.CertFile, s.TLS.KeyFile, s.SASL.UsernameFile, s.SASL.PasswordFile} {
		before := fingerprint()
		assert.Equal(t, before, fingerprint(), "nothing has changed")
		write(t, path, "other")
		assert.NotEqual(t, before, fingerprint(), path)
	}
	before := fingerprint()
	write(t, s.SASL.UsernameFile, "other"+"o")
	write(t, s.SASL.PasswordFile, "other"[1:])
	assert.NotEqual(t, before, fingerprint(), "what moves between files is a change")
	require.NoError(t, os.Remove(s.TLS.CAFile))
	_, err := s.Fingerprint()
	assert.ErrorContains(t, err, "--kafka-tls-ca-file")
}

func TestEachMechanismConnects(t *testing.T) {
	for _, mechanism := range Mechanisms() {
		t.Run(mechanism, func(t *testing.T) {
			c := newBroker(t, kfake.EnableSASL(), kfake.Superuser(mechanism, "alice", "hunter2"))
			s := Settings{SASL: SASL{
				Mechanism: mechanism, UsernameFile: write(t, filepath.Join(t.TempDir(), "username"), "alice"),
				PasswordFile: write(t, filepath.Join(t.TempDir(), "password"), "hunter2"),
			}}
			connect := func() error {
				config := sarama.NewConfig()
				config.Metadata.Retry.Max = 0
				require.NoError(t, s.Apply(config))
				client, err := sarama.NewClient(c.ListenAddrs(), config)
				if err != nil {
					return s.Explain(err)
				}
				return client.Close()
			}
			require.NoError(t, connect())
			write(t, s.SASL.PasswordFile, "wrong-one")
			err := connect()
			require.ErrorContains(t, err, "correct "+s.SASL.UsernameFile) // this broker closes the connection instead
			assert.NotContains(t, err.Error(), "wrong-one")
		})
	}
}
