package realkafka

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// brokersVariable names a Kafka that is up already.
const brokersVariable = "KAFKA_BROKERS"

var (
	mu sync.Mutex
	// shared is nil before it is asked for; unstartable is why it can't be had, so that
	// it is tried once.
	shared      *Broker
	unstartable error
)

// Main runs the tests of a package, and ends the broker that they share after them. It
// returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		return code
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "the tests' Kafka is kept in %s\n", shared.dir)
	}
	if err := shared.discard(code != 0); err != nil {
		fmt.Fprintf(os.Stderr, "end the tests' Kafka: %v\n", err)
		return max(code, 1)
	}
	return code
}

// Plaintext returns the addresses of a Kafka without TLS and SASL: those in
// KAFKA_BROKERS, or that of the shared broker. Other tests use it too, so a test has
// topics of its own.
func Plaintext(tb testing.TB) []string {
	tb.Helper()
	if brokers := os.Getenv(brokersVariable); brokers != "" {
		return strings.Split(brokers, ",")
	}
	return []string{Shared(tb).Plaintext()}
}

// Shared returns the broker that the package's tests share, which the first one starts.
// The package's TestMain has to call Main. No test may stop or kill it.
func Shared(tb testing.TB) *Broker {
	tb.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil && unstartable == nil {
		shared, unstartable = create(context.Background(), nil)
		if unstartable == nil {
			unstartable = shared.start(context.Background())
		}
	}
	if unstartable != nil {
		tb.Fatalf("no Kafka for the tests: %v", unstartable)
	}
	return shared
}

// Fresh starts a broker for this test alone, which it may stop and kill. Further settings
// are those of server.properties. It takes some ten seconds and 400 MB.
func Fresh(tb testing.TB, further map[string]string) *Broker {
	tb.Helper()
	b, err := create(tb.Context(), further)
	if b != nil {
		tb.Cleanup(func() {
			if tb.Failed() {
				tb.Logf("the test's Kafka is kept in %s", b.dir)
			}
			if err := b.discard(tb.Failed()); err != nil {
				tb.Errorf("end the test's Kafka: %v", err)
			}
		})
	}
	if err != nil {
		tb.Fatalf("no Kafka for the test: %v", err)
	}
	b.Start(tb)
	return b
}

// Start starts a broker that was stopped or killed, at its addresses and with its data,
// and returns when it answers.
func (b *Broker) Start(tb testing.TB) {
	tb.Helper()
	if err := b.start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// Stop lets the broker shut down, and returns when it has.
func (b *Broker) Stop(tb testing.TB) {
	tb.Helper()
	if err := b.stop(); err != nil {
		tb.Fatalf("stop Kafka: %v", err)
	}
}

// Empty takes all its data from a broker that does not run.
func (b *Broker) Empty(tb testing.TB) {
	tb.Helper()
	if err := os.RemoveAll(b.data()); err != nil {
		tb.Fatal(err)
	}
	if err := b.format(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

// Kill kills the broker, as the kernel does that runs out of memory.
func (b *Broker) Kill(tb testing.TB) {
	tb.Helper()
	if err := b.process.Kill(); err != nil {
		tb.Fatal(err)
	}
}
