package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/IBM/sarama"
)

// Explain puts before the error of a connection which setting to change, where that is
// known.
func (s Settings) Explain(err error) error {
	if hint := s.hint(err); hint != "" {
		return fmt.Errorf("%s: %w", hint, err)
	}
	return err
}

func (s Settings) hint(err error) string {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		network   *net.OpError
	)
	switch {
	case errors.Is(err, sarama.ErrSASLAuthenticationFailed) && s.SASL.Mechanism == "":
		return "the broker asks who we are: set " + flagMechanism
	case errors.Is(err, sarama.ErrSASLAuthenticationFailed):
		return "the broker refused the user name or the password: " + s.credentialsHint()
	case errors.Is(err, sarama.ErrUnsupportedSASLMechanism):
		return "the broker does not offer " + s.SASL.Mechanism + " at this port: set another " + flagMechanism + ", or another port in --kafka-brokers"
	case errors.As(err, &authority):
		return "the broker's certificate is of an unknown authority: have " + flagCA + " name the file of the one that signed it"
	case errors.As(err, &name):
		return "the broker's certificate is for another name: use a name of it in --kafka-brokers, or set " + flagServerName
	case errors.As(err, &invalid):
		return "the broker's certificate is not valid: renew it, or correct this machine's clock"
	case errors.As(err, &record):
		return "the broker does not speak TLS at this port: leave out " + flagTLS + ", or set the TLS port in --kafka-brokers"
	case errors.As(err, &network) && network.Op == "remote error": // how crypto/tls names an alert of the other end
		return s.alertHint()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return s.closedHint()
	case s.SASL.Mechanism != "" && errors.Is(innermost(err), sarama.ErrOutOfBrokers):
		// A broker answered, and sarama keeps to itself what.
		return "the broker refuses " + s.SASL.Mechanism + ": if its port is not for SASL, leave out " + flagMechanism + "; otherwise set a mechanism that it offers"
	default:
		return ""
	}
}

func (s Settings) alertHint() string {
	if s.TLS.CertFile == "" {
		return "the broker ends the TLS handshake: if it asks for a client certificate, set " + flagCert + " and " + flagKey
	}
	return "the broker ends the TLS handshake: renew the client certificate in " + s.TLS.CertFile + " (" + flagCert +
		"), or have the broker trust its authority"
}

func (s Settings) credentialsHint() string {
	return "correct " + s.SASL.UsernameFile + " (" + flagUsername + ") or " + s.SASL.PasswordFile + " (" + flagPassword +
		"), or add the user for " + s.SASL.Mechanism + " to Kafka"
}

// closedHint is for a connection that the broker closes without a word, as it does with
// what it does not understand.
func (s Settings) closedHint() string {
	switch {
	case s.TLS.Enabled:
		return "the broker closes the connection: if its port is not for TLS, leave out " + flagTLS + ", or set the TLS port in --kafka-brokers"
	case s.SASL.Mechanism == "":
		return "the broker closes the connection: if its port is for TLS, set " + flagTLS + "; if it is for SASL, set " + flagMechanism
	default:
		return "the broker closes the connection: if its port is for TLS, set " + flagTLS + "; if it is not for SASL, leave out " + flagMechanism +
			"; otherwise " + s.credentialsHint()
	}
}

// innermost returns the error that wraps no other single one.
func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
