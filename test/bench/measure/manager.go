package measure

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
	"syscall"
	"time"
)

// Manager is the controller manager as a process of its own, so that its memory
// and processor time are its own too.
type Manager struct {
	cmd             *exec.Cmd
	metrics, health string
	log             *os.File
}

// StartManager starts the program with its log in a file. further are flags beside those that
// every measurement needs. It does not wait for anything: see AwaitQuiet and AwaitIdle.
func StartManager(ctx context.Context, program, kubeconfig, log string, further ...string) (*Manager, error) {
	metrics, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	health, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	out, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	flags := append([]string{
		"--kubeconfig=" + kubeconfig, "--leader-elect=false", "--health-probe-bind-address=" + health, "--metrics-bind-address=" + metrics,
	}, further...)
	cmd := exec.Command(program, flags...) //nolint:gosec // the program under test
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return &Manager{cmd: cmd, metrics: "http://" + metrics, health: "http://" + health, log: out}, nil
}

// Stop ends the process and waits for that.
func (m *Manager) Stop() {
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

// Requests are the manager's, by HTTP method. A watch counts as the GET that
// opened it.
type Requests map[string]float64

// Minus is what was sent since an earlier reading.
func (r Requests) Minus(before Requests) Requests {
	difference := Requests{}
	for method, n := range r {
		difference[method] = n - before[method]
	}
	return difference
}

// Writes is how many of the requests write.
func (r Requests) Writes() float64 { return r["POST"] + r["PATCH"] + r["PUT"] + r["DELETE"] }

// All is how many there are.
func (r Requests) All() float64 { return r.Writes() + r["GET"] }

var (
	requestsLine = regexp.MustCompile(`^rest_client_requests_total\{.*method="([A-Z]+)".*\} ([0-9.e+-]+)$`)
	queueLine    = regexp.MustCompile(`^workqueue_(?:depth|unfinished_work_seconds)\{name="([^"]+)"\} ([0-9.e+-]+)$`)
)

// Requests reads the manager's metrics.
func (m *Manager) Requests(ctx context.Context) (Requests, error) {
	return m.sum(ctx, requestsLine)
}

// sum adds up the lines of the metrics that match, by what their first group matches.
func (m *Manager) sum(ctx context.Context, line *regexp.Regexp) (map[string]float64, error) {
	response, err := get(ctx, m.metrics+"/metrics")
	if err != nil {
		return nil, fmt.Errorf("read the manager's metrics: %w", err)
	}
	defer response.Body.Close()
	sum := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if match := line.FindStringSubmatch(lines.Text()); match != nil {
			n, err := strconv.ParseFloat(match[2], 64)
			if err != nil {
				return nil, err
			}
			sum[match[1]] += n
		}
	}
	return sum, lines.Err()
}

// Profile writes a profile of the manager to a file, which must have been started with
// --profiling.
func (m *Manager) Profile(ctx context.Context, name, file string) error {
	response, err := get(ctx, m.metrics+"/debug/pprof/"+name)
	if err != nil {
		return fmt.Errorf("read the manager's profile: %w", err)
	}
	defer response.Body.Close()
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := out.ReadFrom(response.Body); err != nil {
		return err
	}
	return out.Close()
}

func get(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(request)
}

func total(figures map[string]float64) (sum float64) {
	for _, n := range figures {
		sum += n
	}
	return sum
}

// AwaitQuiet waits until the manager serves and has sent nothing for so long.
func (m *Manager) AwaitQuiet(ctx context.Context, quiet time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute+quiet)
	defer cancel()
	last, since := -1.0, time.Now()
	return m.await(ctx, func() bool {
		now, err := m.Requests(ctx)
		if err != nil {
			return false
		}
		if total := now.All(); total != last || total == 0 {
			last, since = total, time.Now()
		}
		return time.Since(since) >= quiet
	})
}

// AwaitReady waits until all caches are filled, as the manager's readiness reports.
func (m *Manager) AwaitReady(ctx context.Context) error {
	return m.await(ctx, func() bool {
		response, err := get(ctx, m.health+"/readyz")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// AwaitIdle waits until nothing waits in any of the manager's queues and it has used less than a
// twentieth of a processor, both for so long. One of them does not suffice: on a loaded machine a
// busy process gets as little, and what a watch has still to show is in no queue.
func (m *Manager) AwaitIdle(ctx context.Context, quiet time.Duration) error {
	used, since := m.CPU(), time.Now()
	return m.await(ctx, func() bool {
		busy := m.CPU()-used > time.Since(since).Seconds()/20+0.02
		if queued, err := m.sum(ctx, queueLine); err != nil || len(queued) == 0 || total(queued) > 0 || busy {
			used, since = m.CPU(), time.Now()
		}
		return time.Since(since) >= quiet
	})
}

func (m *Manager) await(ctx context.Context, satisfied func() bool) error {
	if err := Await(ctx, satisfied); err != nil {
		return fmt.Errorf("the manager did not come to rest (log: %s): %w", m.log.Name(), err)
	}
	return nil
}

// Pid is the ID of the process.
func (m *Manager) Pid() int { return m.cmd.Process.Pid }

// CPU is the processor time that the manager has used, in seconds.
func (m *Manager) CPU() float64 { return ProcessorSeconds(m.cmd.Process.Pid) }

// Peak is the largest resident set that the manager has had, in MiB.
func (m *Manager) Peak() float64 { return PeakMemory(m.cmd.Process.Pid) }

// Resident is the manager's resident set, in MiB.
func (m *Manager) Resident() float64 { return ResidentMemory(m.cmd.Process.Pid) }
