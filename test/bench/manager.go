package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"xos.opencord.org/kubernetes-service/test/bench/measure"
)

// startManager starts the manager and waits until it has come to rest.
func startManager(ctx context.Context, program, kubeconfig, log string) (*measure.Manager, error) {
	m, err := measure.StartManager(ctx, program, kubeconfig, log)
	if err != nil {
		return nil, err
	}
	return m, m.AwaitQuiet(ctx, time.Second)
}

// spent is the processor time that each program of the run has used so far: the
// parts of the control plane, and the bench itself, which loads and watches.
func (b *bench) spent() measure.ProcessorTime {
	t := measure.Tree(b.plane.Pid())
	t["bench"] = measure.ProcessorSeconds(os.Getpid())
	return t
}

// fillCaches runs the program that fills the manager's caches and says so, and
// returns its largest resident set, in MiB.
func fillCaches(ctx context.Context, program, kubeconfig string) (float64, error) {
	cmd := exec.CommandContext(ctx, program, kubeconfig) //nolint:gosec // a program of the bench's own
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("start %s: %w", program, err)
	}
	filled := bufio.NewScanner(out).Scan()
	peak := measure.PeakMemory(cmd.Process.Pid)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil || !filled {
		return 0, fmt.Errorf("%s did not fill its caches: %w", program, err)
	}
	return peak, nil
}
