package measure

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ProcessorTime is the processor time of processes, in seconds, by name.
type ProcessorTime map[string]float64

// Minus is what was used since an earlier reading.
func (t ProcessorTime) Minus(before ProcessorTime) ProcessorTime {
	d := ProcessorTime{}
	for name, seconds := range t {
		d[name] = seconds - before[name]
	}
	return d
}

// Tree is the processor time that the descendants of a process have used so far, by name.
func Tree(root int) ProcessorTime {
	t := ProcessorTime{}
	tree := map[int]bool{root: true}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for found := true; found; {
		found = false
		for _, stat := range stats {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(stat)))
			if fields := statFields(pid); !tree[pid] && len(fields) > 1 {
				if parent, _ := strconv.Atoi(fields[1]); tree[parent] {
					tree[pid], found = true, true
				}
			}
		}
	}
	delete(tree, root)
	for pid := range tree {
		t[program(pid)] += ProcessorSeconds(pid)
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

// ProcessorSeconds is the processor time that a process has used; 0 where there
// is no telling.
func ProcessorSeconds(pid int) float64 {
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

// PeakMemory is the largest resident set that a process has had, in MiB.
func PeakMemory(pid int) float64 { return memory(pid, "VmHWM:") }

// ResidentMemory is the resident set of a process, in MiB.
func ResidentMemory(pid int) float64 { return memory(pid, "VmRSS:") }

// memory is a line of a process's status, in MiB; 0 where there is no telling.
func memory(pid int, line string) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for text := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(text, line); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}

// AwaitIdle waits until a process has used less than a twentieth of a processor for so long.
func AwaitIdle(ctx context.Context, pid int, quiet time.Duration) error {
	used, since := ProcessorSeconds(pid), time.Now()
	return Await(ctx, func() bool {
		if spent := time.Since(since); ProcessorSeconds(pid)-used > spent.Seconds()/20+0.02 {
			used, since = ProcessorSeconds(pid), time.Now()
		}
		return time.Since(since) >= quiet
	})
}

// Await waits until something is satisfied, which is asked ten times a second.
func Await(ctx context.Context, satisfied func() bool) error {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for !satisfied() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
