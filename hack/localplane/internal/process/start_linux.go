package process

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// startOf returns when a process began: the boot and the ticks since then. A
// zombie is dead.
func startOf(pid int) (string, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return "", fmt.Errorf("%w: %d", errDead, pid)
	}
	if err != nil {
		return "", fmt.Errorf("read the state of process %d: %w", pid, err)
	}
	// The second field is the program's name in parentheses and may hold
	// anything, so fields are counted from the last one on.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	const state, start = 0, 19 // fields 3 and 22 of proc_pid_stat(5)
	if len(fields) <= start {
		return "", fmt.Errorf("process %d has a state of %d fields", pid, len(fields))
	}
	if bytes.ContainsAny(fields[state], "ZX") {
		return "", fmt.Errorf("%w: %d", errDead, pid)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return "", fmt.Errorf("read the boot ID: %w", err)
	}
	return strings.TrimSpace(string(boot)) + "/" + string(fields[start]), nil
}
