package delivery

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"xos.opencord.org/kubernetes-service/pull/event"
)

func TestTheEventLogPrintsALineAnEvent(t *testing.T) {
	var out bytes.Buffer
	l := NewEventLog(&out)
	for range 2 {
		_, err := l.Publish(t.Context(), aMessage("web"))
		require.NoError(t, err)
	}
	const line = `{"key":"web","headers":{"ce_id":"web.created"},"value":{"name":"web"}}` + "\n"
	assert.Equal(t, line+line, out.String())
}

type publisherFunc func(event.Message) (Receipt, error)

func (f publisherFunc) Publish(_ context.Context, m event.Message) (Receipt, error) { return f(m) }

func TestAnEventIsAcknowledgedWhenAllPublishersHaveIt(t *testing.T) {
	var printed bytes.Buffer
	kafka := publisherFunc(func(event.Message) (Receipt, error) { return Receipt{Offset: 7}, nil })
	receipt, err := Publishers{kafka, NewEventLog(&printed)}.Publish(t.Context(), aMessage("web"))
	require.NoError(t, err)
	assert.Equal(t, int64(7), receipt.Offset)
	assert.NotEmpty(t, printed.String())

	printed.Reset()
	away := errors.New("away")
	broken := publisherFunc(func(event.Message) (Receipt, error) { return Receipt{}, away })
	_, err = Publishers{broken, NewEventLog(&printed)}.Publish(t.Context(), aMessage("web"))
	assert.ErrorIs(t, err, away)
	assert.Empty(t, printed.String(), "what Kafka does not have is not printed")
}

func aMessage(key string) event.Message {
	return event.Message{Key: key, Value: []byte(`{"name":"` + key + `"}`), Headers: []event.Header{{Name: "ce_id", Value: key + ".created"}}}
}
