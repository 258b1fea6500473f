package kafka

import (
	"time"

	"github.com/IBM/sarama"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// Message is a committed message as a consumer reads it.
type Message struct {
	Partition int32
	Offset    int64
	// Time is when it was produced, or appended where the topic has that instead.
	Time time.Time
	Key  string
	// Value is nil in a tombstone.
	Value   []byte
	Headers []event.Header
}

// Header returns the value of a header; empty where there is none.
func (m Message) Header(name string) string {
	for _, h := range m.Headers {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}

func newMessage(partition int32, batch *sarama.RecordBatch, record *sarama.Record) Message {
	m := Message{
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
