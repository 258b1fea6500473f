package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// dieWithGoRun asks the kernel to stop this process when "go run", where that
// is what started it, is killed: it has no way to pass that on. A program that
// was started in another way may outlive its parent.
func dieWithGoRun() error {
	parent, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", os.Getppid()))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // The parent is gone already, or none of ours to see.
	}
	if err != nil {
		return fmt.Errorf("find out what started this process: %w", err)
	}
	if strings.TrimSpace(string(parent)) != "go" {
		return nil
	}
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0)
	if errno != 0 {
		return fmt.Errorf("tie this process to its parent: %w", errno)
	}
	return nil
}
