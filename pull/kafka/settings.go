package kafka

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"github.com/IBM/sarama"
)

// TLS says whether and how connections to brokers are encrypted. The files are PEM.
type TLS struct {
	Enabled bool
	// CAFile has the certificates of the authorities that brokers are trusted by; the
	// system's where empty.
	CAFile string
	// CertFile and KeyFile are the client's certificate, for brokers that ask for one.
	CertFile, KeyFile string
	// ServerName is the name that brokers' certificates are checked for; where empty,
	// that by which each broker is reached.
	ServerName string
}

// SASL says as whom the manager authenticates; as nobody where it is empty.
type SASL struct {
	// Mechanism is one of Mechanisms.
	Mechanism string
	// UsernameFile and PasswordFile have one line each, whose end does not count.
	UsernameFile, PasswordFile string
}

// Mechanisms are the SASL mechanisms that can be used.
func Mechanisms() []string {
	return []string{sarama.SASLTypePlaintext, sarama.SASLTypeSCRAMSHA256, sarama.SASLTypeSCRAMSHA512}
}

// Settings say how to connect to Kafka. Certificates and passwords are named as files,
// such as a mounted Secret has: they change while the process runs.
type Settings struct {
	TLS  TLS
	SASL SASL
}

// fingerprintKey keeps a fingerprint that is logged from giving away what a weak
// password is.
var fingerprintKey = func() []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return key
}()

// Fingerprint returns a text that changes when the content of a file changes. Take it
// before Apply, so that no change comes between the two unnoticed. It can be compared
// within one process only.
func (s Settings) Fingerprint() (string, error) {
	hash := hmac.New(sha256.New, fingerprintKey)
	var errs []error
	for _, f := range s.files() {
		content, err := f.read()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		var size [8]byte // so that content can't move from one file to the next unnoticed
		binary.BigEndian.PutUint64(size[:], uint64(len(content)))
		hash.Write(size[:])
		hash.Write(content)
	}
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Apply writes the settings into the configuration of a client. It reads the files anew
// at each call, and leaves the configuration as it is where one can't be used.
func (s Settings) Apply(c *sarama.Config) error {
	if err := s.Validate(); err != nil {
		return err
	}
	config, tlsErr := s.TLS.config()
	username, password, saslErr := s.SASL.credentials()
	if err := errors.Join(tlsErr, saslErr); err != nil {
		return err
	}
	if s.TLS.Enabled {
		c.Net.TLS.Enable, c.Net.TLS.Config = true, config
	}
	if s.SASL.Mechanism != "" {
		sasl := &c.Net.SASL
		sasl.Enable, sasl.Handshake, sasl.Mechanism = true, true, sarama.SASLMechanism(s.SASL.Mechanism)
		sasl.User, sasl.Password = username, password
		sasl.SCRAMClientGeneratorFunc = scramClientGenerator(s.SASL.Mechanism)
	}
	return nil
}

func (t TLS) config() (*tls.Config, error) {
	if !t.Enabled {
		return nil, nil //nolint:nilnil // no TLS, no configuration
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	var errs []error
	if t.CAFile != "" {
		authorities, err := file{flagCA, t.CAFile}.read()
		if config.RootCAs = x509.NewCertPool(); err == nil && !config.RootCAs.AppendCertsFromPEM(authorities) {
			err = fmt.Errorf("%s: there is no certificate in %s: it must be PEM (BEGIN CERTIFICATE)", flagCA, t.CAFile)
		}
		errs = append(errs, err)
	}
	if t.CertFile != "" {
		certificate, certErr := file{flagCert, t.CertFile}.read()
		key, keyErr := file{flagKey, t.KeyFile}.read()
		errs = append(errs, certErr, keyErr)
		if certErr == nil && keyErr == nil {
			pair, err := tls.X509KeyPair(certificate, key)
			if err != nil {
				err = fmt.Errorf("%s and %s: %s and %s can't be used together: they must be PEM, and the key that of the certificate: %w",
					flagCert, flagKey, t.CertFile, t.KeyFile, err)
			}
			config.Certificates = []tls.Certificate{pair}
			errs = append(errs, err)
		}
	}
	return config, errors.Join(errs...)
}

func (s SASL) credentials() (username, password string, err error) {
	if s.Mechanism == "" {
		return "", "", nil
	}
	username, usernameErr := file{flagUsername, s.UsernameFile}.readLine()
	password, passwordErr := file{flagPassword, s.PasswordFile}.readLine()
	return username, password, errors.Join(usernameErr, passwordErr)
}

// files are those that count.
func (s Settings) files() []file {
	var named []file
	if s.TLS.Enabled {
		named = append(named, file{flagCA, s.TLS.CAFile}, file{flagCert, s.TLS.CertFile}, file{flagKey, s.TLS.KeyFile})
	}
	if s.SASL.Mechanism != "" {
		named = append(named, file{flagUsername, s.SASL.UsernameFile}, file{flagPassword, s.SASL.PasswordFile})
	}
	return named
}

// file is a file, and the flag that names it.
type file struct{ flag, path string }

// read returns the content; none where no file is named.
func (f file) read() ([]byte, error) {
	if f.path == "" {
		return nil, nil
	}
	content, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.flag, err) // it has the path
	}
	return content, nil
}

// readLine returns the one line of a file, without its end.
func (f file) readLine() (string, error) {
	content, err := f.read()
	if err != nil {
		return "", err
	}
	line := bytes.TrimSuffix(bytes.TrimSuffix(content, []byte("\n")), []byte("\r"))
	switch {
	case len(line) == 0:
		return "", fmt.Errorf("%s: %s is empty: it must have one line", f.flag, f.path)
	case bytes.ContainsAny(line, "\r\n\x00"):
		return "", fmt.Errorf("%s: %s has several lines: it must have one", f.flag, f.path)
	}
	return string(line), nil
}
