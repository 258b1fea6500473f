package main

import "time"

// report makes the rows of a scenario: what was measured, beside what the raw
// client needed and what is aimed at.
func (t *table) report(s scenario, f figures, floor floor, idle time.Duration) {
	n := float64(s.count)
	t.ratio(s.name+": native objects exist", f.exist.Seconds(), floor.exist.Seconds(), "s", 0)
	t.ratio(s.name+": all ready", f.ready.Seconds(), floor.ready.Seconds(), "s", 1.15)
	if s.writes > 0 {
		t.atMost(s.name+": writes a resource", f.sent.writes()/n, "", s.writes)
	} else {
		t.plain(s.name+": writes a resource", f.sent.writes()/n, "")
	}
	for _, verb := range []string{"POST", "PATCH", "PUT", "DELETE"} {
		if f.sent[verb] > 0 {
			t.plain(s.name+": of these "+verb, f.sent[verb]/n, "")
		}
	}
	t.atMost(s.name+": reads a resource", f.sent["GET"]/n, "", 0)
	t.plain(s.name+": manager's processor time", f.cpu, "s")
	for _, name := range []string{"kube-apiserver", "etcd", "kube-controller-manager", "bench"} {
		t.ratio(s.name+": "+name+"'s processor time", f.spent[name], floor.spent[name], "s", 0)
	}
	t.atMost(s.name+": manager's peak memory", f.peak, "MiB", memoryTarget(s.count))
	t.atMost(s.name+": 100 deleted children repaired", f.back.Seconds(), "s", 1)
	t.ratio(s.name+": the same", f.back.Seconds(), floor.back.Seconds(), "s", 0)
	t.plain(s.name+": restart until quiet", f.quiet.Seconds(), "s")
	t.plain(s.name+": restart requests", f.restarted["GET"], "")
	t.atMost(s.name+": restart writes", f.restarted.writes(), "", 0)
	t.atMost(s.name+": peak memory after a restart", f.restartedPeak, "MiB", memoryTarget(s.count))
	t.ratio(s.name+": the same, against caches alone", f.restartedPeak, f.caches, "MiB", 0)
	t.atMost(s.name+": writes at rest in "+idle.String(), f.rested.writes(), "", 0)
	t.atMost(s.name+": all deleted", f.gone.Seconds(), "s", 3*float64(s.natives())/1000)
	t.ratio(s.name+": the same, against the floor", f.gone.Seconds(), floor.gone.Seconds(), "s", 0)
}

// memoryTarget is the bound for so many resources: 40 MiB for a thousand, 120
// for ten thousand, in a straight line between.
func memoryTarget(n int) float64 {
	if n <= 1000 {
		return 40
	}
	return 40 + 80*float64(n-1000)/9000
}
