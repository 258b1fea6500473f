package audit

import (
	"fmt"
	"strings"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// nouns are what people call one entity of a kind, and several.
var nouns = map[event.Kind][2]string{
	event.Instance:    {"pod", "pods"},
	event.Slice:       {"slice", "slices"},
	event.TrustDomain: {"trust domain", "trust domains"},
	event.Principal:   {"principal", "principals"},
	event.Image:       {"image", "images"},
	event.Node:        {"node", "nodes"},
	event.Service:     {"cluster", "clusters"},
}

// Summary counts what Kafka is to be told of: "1 pod, 0 slices, ... and 2 nodes".
func Summary(seen map[event.ID]Seen) string {
	counts := map[event.Kind]int{}
	for id, s := range seen {
		if s.Selected {
			counts[id.Kind]++
		}
	}
	var parts []string
	for _, kind := range event.Kinds {
		parts = append(parts, count(counts[kind], nouns[kind]))
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// String says of how many partitions the snapshots agree with the events.
func (s Snapshots) String() string {
	partitions := [2]string{"partition", "partitions"}
	text := fmt.Sprintf("the last snapshot of %s agrees with the events before it", count(s.Right, partitions))
	if s.Right == 0 {
		text = "no snapshot could be checked"
	}
	if s.Absent > 0 {
		text += fmt.Sprintf("; %s without a snapshot so far", count(s.Absent, partitions))
	}
	if s.Compacted > 0 {
		text += fmt.Sprintf("; %s whose events before the last snapshot are compacted already", count(s.Compacted, partitions))
	}
	return text
}

func count(n int, noun [2]string) string {
	if n == 1 {
		return "1 " + noun[0]
	}
	return fmt.Sprint(n, " ", noun[1])
}
