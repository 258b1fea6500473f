package kafka

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The flags by which the settings are given, as errors name them.
const (
	flagTLS        = "--kafka-tls"
	flagCA         = "--kafka-tls-ca-file"
	flagCert       = "--kafka-tls-cert-file"
	flagKey        = "--kafka-tls-key-file"
	flagServerName = "--kafka-tls-server-name"
	flagMechanism  = "--kafka-sasl-mechanism"
	flagUsername   = "--kafka-sasl-username-file"
	flagPassword   = "--kafka-sasl-password-file"

	flagBrokers        = "--kafka-brokers"
	flagTopic          = "--kafka-topic"
	flagInventoryTopic = "--kafka-inventory-topic"
	flagVitrageTopic   = "--vitrage-topic"
	flagCreateTopics   = "--kafka-create-topics"
	flagPartitions     = "--kafka-partitions"
	flagReplicas       = "--kafka-replicas"
	flagTransactions   = "--kafka-transactions"
)

// Validate returns all that does not go together at once. It reads no file.
func (s Settings) Validate() error {
	return errors.Join(s.TLS.validate(), s.SASL.validate())
}

func (t TLS) validate() error {
	var errs []error
	for _, f := range []file{{flagCA, t.CAFile}, {flagCert, t.CertFile}, {flagKey, t.KeyFile}, {flagServerName, t.ServerName}} {
		if f.path != "" && !t.Enabled {
			errs = append(errs, fmt.Errorf("%s has no effect without %s: add that, or leave this out", f.flag, flagTLS))
		}
	}
	switch {
	case t.CertFile != "" && t.KeyFile == "":
		errs = append(errs, fmt.Errorf("%s needs %s: the certificate's key", flagCert, flagKey))
	case t.CertFile == "" && t.KeyFile != "":
		errs = append(errs, fmt.Errorf("%s needs %s: the key's certificate", flagKey, flagCert))
	}
	return errors.Join(errs...)
}

func (s SASL) validate() error {
	var errs []error
	if s.Mechanism != "" && !slices.Contains(Mechanisms(), s.Mechanism) {
		errs = append(errs, fmt.Errorf("%s: %q is not one of %s", flagMechanism, s.Mechanism, strings.Join(Mechanisms(), ", ")))
	}
	for _, f := range []file{{flagUsername, s.UsernameFile}, {flagPassword, s.PasswordFile}} {
		switch {
		case s.Mechanism != "" && f.path == "":
			errs = append(errs, fmt.Errorf("%s needs %s", flagMechanism, f.flag))
		case s.Mechanism == "" && f.path != "":
			errs = append(errs, fmt.Errorf("%s needs %s: one of %s", f.flag, flagMechanism, strings.Join(Mechanisms(), ", ")))
		}
	}
	return errors.Join(errs...)
}

var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

// Validate returns all that can't be at once.
func (o TopicOptions) Validate() error {
	o = o.withDefaults()
	var errs []error
	topics := []struct{ flag, name string }{{flagTopic, o.PodTopic}, {flagInventoryTopic, o.InventoryTopic}}
	if o.VitrageTopic != "" {
		topics = append(topics, struct{ flag, name string }{flagVitrageTopic, o.VitrageTopic})
	}
	for i, t := range topics {
		if !topicName.MatchString(t.name) || t.name == "." || t.name == ".." {
			errs = append(errs, fmt.Errorf("%s: %q is no name of a topic: letters, digits, '.', '_' and '-', at most 249", t.flag, t.name))
		}
		for _, other := range topics[:i] {
			if t.name == other.name {
				errs = append(errs, fmt.Errorf("%s and %s are both %s: they must differ, as each has its own settings and keys", other.flag, t.flag, t.name))
			}
		}
	}
	if o.Partitions < 0 {
		errs = append(errs, fmt.Errorf("%s is %d: it must be at least 1, or 0 for the brokers' default", flagPartitions, o.Partitions))
	}
	if o.Replicas < 0 {
		errs = append(errs, fmt.Errorf("%s is %d: it must be at least 1, or 0 for the brokers' default", flagReplicas, o.Replicas))
	}
	return errors.Join(errs...)
}
