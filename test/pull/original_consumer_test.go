package pull_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	xosv1 "xos.opencord.org/kubernetes-service/apis/xos/v1"
	"xos.opencord.org/kubernetes-service/pull"
	"xos.opencord.org/kubernetes-service/pull/kafka"
)

// originalConsumer does with a message what the services of the original XOS do that read
// the topic of details (ONOS, OLT, Fabric, Fabric-crossconnect): they push all their state
// to the pod that has begun. Its four rules are theirs.
type originalConsumer struct {
	service string
	pushes  []string
}

func (c *originalConsumer) read(message []byte) error {
	var value map[string]any
	if err := json.Unmarshal(message, &value); err != nil {
		return err
	}
	// Only what has begun counts, and each time that something begins all is pushed.
	if value["status"] != "created" {
		return nil
	}
	labels, found := value["labels"]
	if !found {
		return nil
	}
	// They look into labels without asking what it is.
	object, ok := labels.(map[string]any)
	if !ok {
		return fmt.Errorf("labels are %v: the consumer breaks", labels)
	}
	service, _ := object["xos_service"].(string)
	if strings.EqualFold(service, c.service) {
		c.pushes = append(c.pushes, value["name"].(string))
	}
	return nil
}

func TestTheOriginalConsumersPushOnceForEachPod(t *testing.T) {
	w := newEnv(t)
	b := w.newBroker()
	m := w.start(pull.Options{Log: b.log()})
	w.deployment(1, image) // which is of no service
	stays, goes := w.pod("stays", image), w.pod("goes", image)
	w.instance("stays", b.told)
	w.instance("goes", b.told)
	w.patchPod("stays", `{"metadata":{"labels":{"more":"true"}}}`)
	w.instance("stays", b.acknowledged(xosv1.EventUpdated))
	m.Stop()
	w.start(pull.Options{Log: b.log()})
	w.deletePod("goes")
	b.statuses(goes.UID, "created", "deleted")
	b.statuses(stays.UID, "created")
	c := originalConsumer{service: "Demo"}
	require.NoError(t, b.read(t.Context(), kafka.DefaultTopic, func(r *kgo.Record) error { return c.read(r.Value) }))
	assert.ElementsMatch(t, []string{"stays", "goes"}, c.pushes)
}
