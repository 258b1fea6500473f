package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"xos.opencord.org/kubernetes-service/cmd/kubectl-xos/show"
	"xos.opencord.org/kubernetes-service/pull/event"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// run shows the messages of a topic.
func (o *options) run(ctx context.Context, out, errOut io.Writer) error {
	topic := o.topics.InventoryTopic
	if o.topic == details {
		topic = o.topics.PodTopic
	}
	var since time.Time
	if o.since > 0 {
		since = time.Now().Add(-o.since)
	}
	consumer, err := o.consumer(ctx, topic, since)
	if err != nil {
		return err
	}
	defer consumer.Close()
	printer, shown := o.printer(), 0
	visit := func(m event.Received) error {
		v := show.Of(m)
		if !o.filter.Matches(v) {
			return nil
		}
		shown++
		return printer.Print(out, v)
	}
	if o.follow {
		if err := consumer.Follow(ctx, visit); !errors.Is(err, context.Canceled) {
			return err
		}
		return nil // that is how to end it
	}
	if err := consumer.ReadToEnd(ctx, visit); err != nil {
		return err
	}
	if shown == 0 {
		_, err = fmt.Fprintln(errOut, "No events found.")
	}
	return err
}

func (o *options) consumer(ctx context.Context, topic string, since time.Time) (*kafka.Consumer, error) {
	return kafka.NewConsumer(ctx, kafka.ConsumerOptions{Brokers: o.brokers, Settings: o.settings, ClientID: "kubectl-xos"}, topic, since)
}

func (o *options) printer() show.Printer {
	switch o.output {
	case "json":
		return show.JSON{}
	case "yaml":
		return show.YAML{}
	}
	return &show.Table{}
}
