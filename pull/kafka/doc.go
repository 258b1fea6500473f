// Package kafka publishes events to two topics of Kafka, each batch in one transaction,
// and reads back from the topic of the inventory what was published before.
//
// Log opens sessions. A session is one life of a transactional producer: its transactional
// id is that of the cluster, so that opening a session fences the producers of all other
// processes. Kafka aborts what they had not committed.
package kafka
