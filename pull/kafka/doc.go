// Package kafka publishes events to a topic of Kafka. A Publisher keeps at most one
// producer connection, and makes a new one, with growing pauses, after a failure.
package kafka
