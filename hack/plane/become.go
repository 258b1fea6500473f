package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
)

// become replaces this process by another program, so that signals and the exit
// code are that program's.
func become(path string, args []string) error {
	// What is asked of the kernel for a thread outlives exec on that thread only.
	runtime.LockOSThread()
	if err := dieWithGoRun(); err != nil {
		return err
	}
	if err := syscall.Exec(path, append([]string{"localplane"}, args...), os.Environ()); err != nil {
		return fmt.Errorf("run %s: %w", path, err)
	}
	return nil
}
