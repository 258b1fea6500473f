// Package kafkaflags has the flags by which all programs connect to Kafka. Package kafka
// names them in its errors.
package kafkaflags

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// AddSettings adds the flags of TLS and SASL.
func AddSettings(fs *pflag.FlagSet, s *kafka.Settings) {
	tls := &s.TLS
	fs.BoolVar(&tls.Enabled, "kafka-tls", false, "Encrypt connections to Kafka.")
	fs.StringVar(&tls.CAFile, "kafka-tls-ca-file", "", "File (PEM) of the authorities that Kafka's certificates are signed by. Left out, the system's.")
	fs.StringVar(&tls.CertFile, "kafka-tls-cert-file", "", "File (PEM) of the client certificate, for a Kafka that asks for one.")
	fs.StringVar(&tls.KeyFile, "kafka-tls-key-file", "", "File (PEM) of the client certificate's key.")
	fs.StringVar(&tls.ServerName, "kafka-tls-server-name", "", "Name that Kafka's certificates are checked for. Left out, that of each broker.")

	sasl := &s.SASL
	fs.StringVar(&sasl.Mechanism, "kafka-sasl-mechanism", "", "Authenticate to Kafka by "+strings.Join(kafka.Mechanisms(), ", ")+". PLAIN sends the password as it is: use it with --kafka-tls.")
	fs.StringVar(&sasl.UsernameFile, "kafka-sasl-username-file", "", "File of the user name for Kafka.")
	fs.StringVar(&sasl.PasswordFile, "kafka-sasl-password-file", "", "File of the password for Kafka.")
}

// BrokersVariable is the environment variable that names the brokers of the commands that only read
// Kafka, where no flag does.
const BrokersVariable = "KAFKA_BROKERS"

// BrokersOr returns the brokers that a flag names, or else those of the variable.
func BrokersOr(given []string) []string {
	if len(given) > 0 {
		return given
	}
	return strings.FieldsFunc(os.Getenv(BrokersVariable), func(r rune) bool { return r == ',' })
}

// ValidateBrokers returns an error for each broker that is not host:port.
func ValidateBrokers(flag string, brokers []string) error {
	var errs []error
	for _, broker := range brokers {
		if _, _, err := net.SplitHostPort(broker); err != nil {
			errs = append(errs, fmt.Errorf("%s: %q is not host:port", flag, broker))
		}
	}
	return errors.Join(errs...)
}
