package audit

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"xos.opencord.org/kubernetes-service/pull/event"
)

// tombstonesKept is for how long a topic keeps at least what a snapshot has to be compared
// with. After that, what ended may have left no trace.
const tombstonesKept = time.Hour

// Snapshots is what the last snapshots of all partitions say.
type Snapshots struct {
	// Right are as many partitions as agree with their snapshot, Absent as many as hold
	// none, and Compacted as many whose events before the snapshot are no longer there.
	Right, Absent, Compacted int
	// Wrong says of each of the others what differs.
	Wrong []string
}

// Snapshots compares the last snapshot of each partition with the events before it.
func (t *Told) Snapshots(now time.Time) Snapshots {
	var s Snapshots
	for _, number := range slices.Sorted(maps.Keys(t.partitions)) {
		p := t.partitions[number]
		switch {
		case p.end == nil:
			s.Absent++
		case p.end.Partition != number:
			s.Wrong = append(s.Wrong, fmt.Sprintf("partition %d: it holds the snapshot of partition %d", number, p.end.Partition))
		case p.end.Partitions != int32(len(t.partitions)):
			s.Wrong = append(s.Wrong, fmt.Sprintf("partition %d: snapshot %s is of %d partitions, and the topic has %d: keys have moved, so recreate the topic",
				number, p.end.Name, p.end.Partitions, len(t.partitions)))
		case p.end.Count == len(p.atEnd) && p.end.Digest == event.Digest(p.atEnd):
			s.Right++
		case p.compacted, now.Sub(p.at) > tombstonesKept:
			s.Compacted++
		case p.end.Count != len(p.atEnd):
			s.Wrong = append(s.Wrong, fmt.Sprintf("partition %d: snapshot %s is of %d entities, and the events before it are of %d", number, p.end.Name, p.end.Count, len(p.atEnd)))
		default:
			s.Wrong = append(s.Wrong, fmt.Sprintf("partition %d: snapshot %s is of the same %d entities as the events before it, with other content", number, p.end.Name, p.end.Count))
		}
	}
	return s
}
