package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	recordSuffix = ".json"
	// A killed process is gone in a moment; one in an uninterruptible read may
	// take longer.
	killTimeout  = 10 * time.Second
	killInterval = 10 * time.Millisecond
)

// record proves that a process is the one that was started: process IDs are
// used again, the pair of ID and start is not.
type record struct {
	Pid int `json:"pid"`
	// Start is when the process began, in whatever form the system reports it.
	Start string `json:"start"`
}

// errDead reports that a process is there no more, or as a zombie only.
var errDead = errors.New("process is dead")

// writeRecord records a process; one that is dead already leaves no record.
func writeRecord(path string, pid int) error {
	start, err := startOf(pid)
	if errors.Is(err, errDead) {
		return nil
	}
	if err != nil {
		return err
	}
	raw, err := json.Marshal(record{Pid: pid, Start: start})
	if err != nil {
		return err
	}
	return os.WriteFile(path, raw, 0o600)
}

// alive returns whether the very process of the record still runs.
func (r record) alive() bool {
	start, err := startOf(r.Pid)
	return err == nil && start == r.Start
}

// Sweep kills the processes whose records an earlier parent left in dir, waits
// until they are gone and removes the records. It returns the names of those it
// found running. A process that can't be proven to be the recorded one is left
// alone. The caller holds the lock of the directory, so no other parent is alive.
func Sweep(ctx context.Context, dir string) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+recordSuffix))
	if err != nil {
		return nil, fmt.Errorf("list the records in %s: %w", dir, err)
	}
	var killed []string
	for _, path := range paths {
		r, err := readRecord(path)
		if err != nil {
			return killed, err
		}
		if r.alive() {
			if err := r.kill(ctx); err != nil {
				return killed, err
			}
			killed = append(killed, strings.TrimSuffix(filepath.Base(path), recordSuffix))
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return killed, fmt.Errorf("remove record: %w", err)
		}
	}
	return killed, nil
}

// readRecord returns an empty record, which no process matches, for a file that
// was cut off while it was written.
func readRecord(path string) (record, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return record{}, fmt.Errorf("read record: %w", err)
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		r = record{}
	}
	return r, nil
}

// kill returns when the process is gone.
func (r record) kill(ctx context.Context) error {
	if err := syscall.Kill(r.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process %d left by an earlier run: %w", r.Pid, err)
	}
	ctx, cancel := context.WithTimeout(ctx, killTimeout)
	defer cancel()
	tick := time.NewTicker(killInterval)
	defer tick.Stop()
	for r.alive() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the end of process %d left by an earlier run: %w", r.Pid, ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}
