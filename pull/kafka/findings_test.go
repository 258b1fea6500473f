package kafka

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFindings(t *testing.T) {
	for sentence, test := range map[string]struct {
		judge             func(topicState) []Finding
		replicas, brokers int
		config            map[string]string
		want              []string
	}{
		"a compacted inventory is right": {inventoryFindings, 3, 3,
			map[string]string{cleanupPolicy: "compact", retention: "604800000", deleteRetention: "86400000", maxMessage: "1048588", minInSync: "2"}, nil},
		"pods that are deleted by age are right": {podFindings, 1, 1, map[string]string{cleanupPolicy: "delete", retention: "604800000"}, nil},
		"nothing known, nothing found":           {inventoryFindings, 3, 3, nil, nil},
		"an inventory that is deleted": {inventoryFindings, 3, 3, map[string]string{cleanupPolicy: "delete", retention: "604800000", retentionBytes: "-1"},
			[]string{"topic t: cleanup.policy is delete: set it to compact: without compaction what lives is forgotten after retention.ms=604800000, and announced again"}},
		"an inventory that is kept whole": {inventoryFindings, 3, 3, map[string]string{cleanupPolicy: "delete", retention: "-1", retentionBytes: "-1"},
			[]string{"topic t: cleanup.policy is delete: set it to compact: without compaction the topic grows without bound, and takes ever longer to read"}},
		"an inventory that is compacted and deleted": {inventoryFindings, 3, 3, map[string]string{cleanupPolicy: "compact, delete", retention: "1000", retentionBytes: "2000"},
			[]string{"topic t: cleanup.policy is compact, delete: set it to compact alone (or retention.ms and retention.bytes to -1): what lives is forgotten after retention.ms=1000 or retention.bytes=2000, and announced again"}},
		"compacted, and deleted never": {inventoryFindings, 3, 3, map[string]string{cleanupPolicy: "compact,delete", retention: "-1", retentionBytes: "-1"}, nil},
		"tombstones that vanish soon": {inventoryFindings, 3, 3, map[string]string{cleanupPolicy: "compact", deleteRetention: "60000"},
			[]string{"topic t: delete.retention.ms is 60000: set it to 86400000 (24 h): a consumer that is away for longer never learns what ended"}},
		"compacted pods": {podFindings, 3, 3, map[string]string{cleanupPolicy: "compact"},
			[]string{"topic t: cleanup.policy is compact: set it to delete: compaction keeps only the last event of each pod name, so that a consumer that was away misses pods"}},
		"small messages, several things at once": {podFindings, 3, 3, map[string]string{cleanupPolicy: "compact,delete", maxMessage: "1000"},
			[]string{"topic t: cleanup.policy is compact,delete: set it to delete: compaction keeps only the last event of each pod name, so that a consumer that was away misses pods",
				"topic t: max.message.bytes is 1000: set it to at least 65536 (64 KiB): larger events are refused"}},
		"too few replicas to write": {podFindings, 1, 1, map[string]string{minInSync: "2"},
			[]string{"topic t: min.insync.replicas is 2: set it to at most 1, the number of replicas, or add replicas: no event is accepted"}},
		"one replica among brokers": {inventoryFindings, 1, 5, nil,
			[]string{"topic t: replication factor is 1: set it to 3: while its one broker is away, no event is accepted"}},
	} {
		t.Run(sentence, func(t *testing.T) {
			var got []string
			for _, f := range test.judge(topicState{name: "t", replicas: test.replicas, brokers: test.brokers, config: test.config}) {
				got = append(got, f.String())
				assert.Equal(t, f.Setting == replication, f.Hint, "only the number of replicas is a hint")
			}
			assert.Equal(t, test.want, got)
		})
	}
}
