//go:build kafka

// Package kafka_test has what needs a real Apache Kafka. "make test-kafka" runs it, by
// the build tag, and "make test" does not: it needs a JDK and Maven.
package kafka_test

import (
	"os"
	"testing"

	"xos.opencord.org/kubernetes-service/test/testkit/realkafka"
)

func TestMain(m *testing.M) { os.Exit(realkafka.Main(m)) }
