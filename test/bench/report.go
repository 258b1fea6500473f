package main

import (
	"time"

	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

const (
	// mostMemory is the largest resident set that is wanted, as a multiple of that of a process
	// which fills the same caches and does nothing else.
	mostMemory = 1.45
	// mostForPods is how much longer than the raw client the manager may take to repair and to
	// delete pods. No time of its own is a target for them: scheduler and kubelet determine it.
	mostForPods = 1.5
)

// report makes the rows of a scenario: what was measured, beside what the raw
// client needed and what is aimed at.
func report(t *measure.Table, s scenario, f figures, floor floor, idle time.Duration) {
	n := float64(s.count)
	t.Ratio(s.name+": native objects exist", f.exist.Seconds(), floor.exist.Seconds(), "s", 0)
	t.Ratio(s.name+": all ready", f.ready.Seconds(), floor.ready.Seconds(), "s", 1.15)
	if s.writes > 0 {
		t.AtMost(s.name+": writes a resource", f.sent.Writes()/n, "", s.writes)
	} else {
		t.Plain(s.name+": writes a resource", f.sent.Writes()/n, "")
	}
	for _, verb := range []string{"POST", "PATCH", "PUT", "DELETE"} {
		if f.sent[verb] > 0 {
			t.Plain(s.name+": of these "+verb, f.sent[verb]/n, "")
		}
	}
	t.AtMost(s.name+": reads a resource", f.sent["GET"]/n, "", 0)
	t.Plain(s.name+": manager's processor time", f.cpu, "s")
	for _, name := range []string{"kube-apiserver", "etcd", "kube-controller-manager", "bench"} {
		t.Ratio(s.name+": "+name+"'s processor time", f.spent[name], floor.spent[name], "s", 0)
	}
	t.Ratio(s.name+": manager's peak memory, against caches alone", f.peak, f.caches, "MiB", mostMemory)
	againstRaw(t, s, s.name+": 100 deleted children repaired", f.back, floor.back, 1)
	t.Plain(s.name+": restart until quiet", f.quiet.Seconds(), "s")
	t.Plain(s.name+": restart requests", f.restarted["GET"], "")
	t.AtMost(s.name+": restart writes", f.restarted.Writes(), "", 0)
	t.Ratio(s.name+": peak memory after a restart, against caches alone", f.restartedPeak, f.caches, "MiB", mostMemory)
	t.AtMost(s.name+": writes at rest in "+idle.String(), f.rested.Writes(), "", 0)
	againstRaw(t, s, s.name+": all deleted", f.gone, floor.gone, 3*float64(s.natives())/1000)
}

// againstRaw adds a time beside the raw client's. Its target is a ratio for pods, and so many
// seconds for all other kinds.
func againstRaw(t *measure.Table, s scenario, name string, took, raw time.Duration, seconds float64) {
	if s.native.Resource == "pods" {
		t.Ratio(name, took.Seconds(), raw.Seconds(), "s", mostForPods)
		return
	}
	t.AtMost(name, took.Seconds(), "s", seconds)
	t.Ratio(name+", against the raw client", took.Seconds(), raw.Seconds(), "s", 0)
}
