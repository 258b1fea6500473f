package kafka

import (
	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// newMessage returns a record of a batch as a consumer reads it.
func newMessage(partition int32, batch *sarama.RecordBatch, record *sarama.Record) event.Received {
	m := event.Received{
		Partition: partition, Offset: batch.FirstOffset + record.OffsetDelta, Time: batch.FirstTimestamp.Add(record.TimestampDelta),
		Key: string(record.Key), Value: record.Value,
	}
	if batch.LogAppendTime {
		m.Time = batch.MaxTimestamp
	}
	for _, h := range record.Headers {
		m.Headers = append(m.Headers, event.Header{Name: string(h.Key), Value: string(h.Value)})
	}
	return m
}
