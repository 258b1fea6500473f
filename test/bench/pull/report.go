package main

import (
	"time"

	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

const (
	// mostLatency is wanted of the time from a change of a pod to its committed event, in ms.
	mostLatency = 250
	// mostMemory is wanted of a pod's share in the resident memory, in KiB.
	mostMemory = 6
	// mostCPU is wanted of the processor time, as a multiple of the floor's.
	mostCPU = 1.5
)

// report makes the rows of the table.
func report(t *measure.Table, n sizes, f, floor figures) {
	pods, deleted := float64(n.pods), float64(n.deleted)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	t.Plain("pods created", pods, "")
	t.Ratio("all pods run", f.running.Seconds(), floor.running.Seconds(), "s", 0)
	t.Ratio("all are recorded", f.done.Seconds(), floor.done.Seconds(), "s", 0)
	t.AtMost("creates a pod", f.created["POST"]/pods, "", 1)
	t.AtMost("patches a pod", f.created["PATCH"]/pods, "", 1)
	t.AtMost("deletes a deleted pod", f.ended["DELETE"]/deleted, "", 1)
	t.Plain("other writes a deleted pod", (f.ended.Writes()-f.ended["DELETE"])/deleted, "")
	t.Plain("reads a pod", f.created["GET"]/pods, "")
	t.Plain("events, until all pods run", float64(len(f.events)), "")
	t.Plain("events a second", float64(len(f.events))/f.published.Seconds(), "")
	t.AtMost("from a change to the commit, p50", ms(percentile(f.events, 50)), "ms", mostLatency)
	t.AtMost("from a change to the commit, p99", ms(percentile(f.events, 99)), "ms", mostLatency)
	t.AtMost("from a deletion to the commit, p50", ms(percentile(f.ends, 50)), "ms", mostLatency)
	t.AtMost("from a deletion to the commit, p99", ms(percentile(f.ends, 99)), "ms", mostLatency)
	t.Ratio("deleted pods and their records gone", f.gone.Seconds(), floor.gone.Seconds(), "s", 0)
	t.Ratio("processor time, created", f.loadCPU, floor.loadCPU, "s", mostCPU)
	t.Ratio("processor time, deleted", f.unloadCPU, floor.unloadCPU, "s", mostCPU)
	t.Plain("resident memory before", f.base, "MiB")
	t.Plain("resident memory", f.resident, "MiB")
	t.AtMost("resident memory a pod", (f.resident-f.base)*1024/pods, "KiB", mostMemory)
	t.Plain("peak memory", f.peak, "MiB")
	t.Plain("restart: seconds until quiet", f.quiet.Seconds(), "s")
	t.Plain("restart: resident memory", f.restartedResident, "MiB")
	t.AtMost("restart: writes", f.again.Writes(), "", 0)
	t.AtMost("requests at rest in "+n.idle.String(), f.rested.All(), "", 0)
}
