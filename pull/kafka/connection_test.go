package kafka

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"xos.opencord.org/kubernetes-service/pull/event"
)

func TestAMissingTopicIsMadeWhereThatIsAskedFor(t *testing.T) {
	for name, test := range map[string]struct {
		create bool
		topics []kfake.Opt
		works  bool
	}{
		"missing, to be made":     {create: true, works: true},
		"missing, not to be made": {create: false, works: false},
		"there, to be made":       {create: true, topics: []kfake.Opt{kfake.SeedTopics(3, DefaultTopic)}, works: true},
	} {
		t.Run(name, func(t *testing.T) {
			broker, err := kfake.NewCluster(append(test.topics, kfake.NumBrokers(1))...)
			if err != nil {
				t.Fatal(err)
			}
			defer broker.Close()
			kafka := New(Options{Brokers: broker.ListenAddrs(), CreateTopic: test.create})
			defer kafka.Close()

			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err = kafka.Publish(ctx, event.Message{Key: "pod", Value: []byte("{}")})
			if works := err == nil; works != test.works {
				t.Errorf("got error %v, want success: %t", err, test.works)
			}
		})
	}
}
