// Package realkafka gives tests a real Apache Kafka: one process that is broker and
// controller (KRaft), out of its Maven artifacts, on loopback ports that are free. It
// needs a JDK and Maven; a test fails that finds none, and says what to install.
//
// Its listeners are those of a production cluster: plain, TLS, TLS with client
// certificates, SASL, and SASL over TLS. A broker can be killed, stopped, and started
// again on its data or without; its answers can be lost. Where a test failed, its directory is kept, and named.
//
// The environment variable KAFKA_BROKERS names a Kafka that is used instead by tests
// that need nothing but a plain listener (Plaintext).
package realkafka
