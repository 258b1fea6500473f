package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// manager is the controller manager as a process of its own, so that its memory
// and processor time are its own too.
type manager struct {
	cmd     *exec.Cmd
	metrics string
	log     *os.File
}

func startManager(ctx context.Context, program, kubeconfig, log string) (*manager, error) {
	metrics, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(program, "--kubeconfig="+kubeconfig, "--leader-elect=false", "--health-probe-bind-address=0", "--metrics-bind-address="+metrics) //nolint:gosec // the program under test
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	m := &manager{cmd: cmd, metrics: "http://" + metrics + "/metrics", log: out}
	return m, m.awaitQuiet(ctx, time.Second)
}

func (m *manager) stop() {
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	_ = m.cmd.Wait()
	_ = m.log.Close()
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// requests are the manager's, by HTTP method. A watch counts as the GET that
// opened it.
type requests map[string]float64

func (r requests) minus(before requests) requests {
	difference := requests{}
	for method, n := range r {
		difference[method] = n - before[method]
	}
	return difference
}

func (r requests) writes() float64 { return r["POST"] + r["PATCH"] + r["PUT"] + r["DELETE"] }

var requestsLine = regexp.MustCompile(`^rest_client_requests_total\{.*method="([A-Z]+)".*\} ([0-9.e+]+)$`)

func (m *manager) requests(ctx context.Context) (requests, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, m.metrics, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("read the manager's metrics: %w", err)
	}
	defer response.Body.Close()
	sum := requests{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if match := requestsLine.FindStringSubmatch(lines.Text()); match != nil {
			n, err := strconv.ParseFloat(match[2], 64)
			if err != nil {
				return nil, err
			}
			sum[match[1]] += n
		}
	}
	return sum, lines.Err()
}

// awaitQuiet waits until the manager serves and has sent nothing for so long.
func (m *manager) awaitQuiet(ctx context.Context, quiet time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	last, since := -1.0, time.Now()
	for {
		if now, err := m.requests(ctx); err == nil {
			if total := now.writes() + now["GET"]; total != last || total == 0 {
				last, since = total, time.Now()
			} else if time.Since(since) >= quiet {
				return nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("the manager did not come to rest (log: %s): %w", m.log.Name(), ctx.Err())
		}
	}
}

// cpu is the processor time that the manager has used, in seconds.
func (m *manager) cpu() float64 { return processorSeconds(m.cmd.Process.Pid) }

// peak is the largest resident set that the manager has had, in MiB.
func (m *manager) peak() float64 { return peakMemory(m.cmd.Process.Pid) }

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
	peak := peakMemory(cmd.Process.Pid)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil || !filled {
		return 0, fmt.Errorf("%s did not fill its caches: %w", program, err)
	}
	return peak, nil
}

// peakMemory is the largest resident set that a process has had, in MiB.
func peakMemory(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kib / 1024
		}
	}
	return 0
}
