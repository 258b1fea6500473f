// Package delivery publishes the events of entities: what is pending is always the
// difference between what the cluster shows and what Kafka was told.
//
// The outbox holds a pending set of entities, not of events. While a transaction is under
// way, the next batch gathers; an idle outbox publishes at once. A committed transaction
// is the acknowledgement. What Kafka was told is read back from Kafka at the start of each
// session, so nothing about it is kept anywhere else.
package delivery
