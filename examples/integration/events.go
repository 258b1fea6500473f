package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"k8s.io/klog/v2"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
)

// retryPause is the time between two attempts to reach Kafka or the API server.
const retryPause = time.Second

// podEvent is what this program reads of a message: docs/events.md describes all of it.
type podEvent struct {
	Status string            `json:"status"`
	Name   string            `json:"name"`
	ID     int64             `json:"kubernetesserviceinstance_id"`
	Labels map[string]string `json:"labels"`
}

// ofGreeting tells whether a pod is that of a greeting. The labels are the pod's, which XOS sets.
func (e podEvent) ofGreeting() bool {
	return e.Labels[xosv1.SliceLabel] == sliceName && e.Labels[xosv1.NamespaceLabel] == domainName
}

// follow calls announce for each pod of a greeting that begins, until the context ends. It is a consumer group,
// so that what happened while this program was not there is read when it is back.
func follow(ctx context.Context, brokers []string, topic string, announce func(context.Context, string, int64) error) error {
	config := sarama.NewConfig()
	config.Version = sarama.V2_8_0_0
	// Events that the manager has not committed are no events.
	config.Consumer.IsolationLevel = sarama.ReadCommitted
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	if err := config.Validate(); err != nil {
		return fmt.Errorf("configure Kafka: %w", err)
	}
	for ctx.Err() == nil {
		err := consume(ctx, brokers, topic, config, handler{announce})
		if err != nil && ctx.Err() == nil {
			klog.FromContext(ctx).Error(err, "Events can't be read, trying again")
		}
		pause(ctx)
	}
	return nil
}

// consume reads until the group's members change, which ends a session, or something fails.
func consume(ctx context.Context, brokers []string, topic string, config *sarama.Config, h handler) (err error) {
	group, err := sarama.NewConsumerGroup(brokers, "greetings", config)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer func() { err = errors.Join(err, group.Close()) }()
	for ctx.Err() == nil {
		if err := group.Consume(ctx, []string{topic}, h); err != nil {
			return fmt.Errorf("consume topic %s: %w", topic, err)
		}
	}
	return nil
}

// handler implements sarama.ConsumerGroupHandler.
type handler struct {
	announce func(ctx context.Context, name string, pod int64) error
}

func (handler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (handler) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim reads a partition. A message is marked as read once it has had its effect, so that another process
// takes it up where this one ends before.
func (h handler) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	ctx := session.Context()
	for message := range claim.Messages() {
		var e podEvent
		if err := json.Unmarshal(message.Value, &e); err != nil {
			klog.FromContext(ctx).Error(err, "A message can't be read, and is left out", "offset", message.Offset)
		} else if e.Status == string(xosv1.EventCreated) && e.ofGreeting() && !h.take(ctx, e) {
			return nil
		}
		session.MarkMessage(message, "")
	}
	return nil
}

// take announces a pod. It returns false where the session ends before that has succeeded.
func (h handler) take(ctx context.Context, e podEvent) bool {
	for ctx.Err() == nil {
		err := h.announce(ctx, e.Name, e.ID)
		if err == nil {
			return true
		}
		klog.FromContext(ctx).Error(err, "Trying again", "pod", e.Name)
		pause(ctx)
	}
	return false
}

func pause(ctx context.Context) {
	select {
	case <-time.After(retryPause):
	case <-ctx.Done():
	}
}
