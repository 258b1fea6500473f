package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processorTime is the processor time of processes, in seconds, by name.
type processorTime map[string]float64

func (t processorTime) minus(before processorTime) processorTime {
	d := processorTime{}
	for name, seconds := range t {
		d[name] = seconds - before[name]
	}
	return d
}

// spent is the processor time that each program of the run has used so far: the
// parts of the control plane, and the bench itself, which loads and watches.
func (b *bench) spent() processorTime {
	t := processorTime{"bench": processorSeconds(os.Getpid())}
	plane := map[int]bool{b.plane.Pid(): true}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for found := true; found; {
		found = false
		for _, stat := range stats {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			if fields := statFields(pid); !plane[pid] && len(fields) > 1 {
				if parent, _ := strconv.Atoi(fields[1]); plane[parent] {
					plane[pid], found = true, true
				}
			}
		}
	}
	for pid := range plane {
		if pid != b.plane.Pid() {
			t[program(pid)] += processorSeconds(pid)
		}
	}
	return t
}

// program names a process: a multi-call program by its first argument.
func program(pid int) string {
	line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	args := strings.Split(string(line), "\x00")
	if len(args) > 1 && args[1] != "" && !strings.HasPrefix(args[1], "-") {
		return args[1]
	}
	return filepath.Base(args[0])
}

// processorSeconds is the processor time that a process has used; 0 where there
// is no telling.
func processorSeconds(pid int) float64 {
	const ticksPerSecond = 100 // USER_HZ, the same on all Linux platforms of Go
	fields := statFields(pid)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) / ticksPerSecond
}

// statFields are the fields of /proc/<pid>/stat after the program's name, which
// may contain blanks: the state, the parent, and so on.
func statFields(pid int) []string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
}
