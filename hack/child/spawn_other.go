//go:build !linux

package child

import (
	"os/exec"
	"syscall"
)

// spawn starts cmd. Outside Linux a child outlives a process that is
// killed with SIGKILL.
func spawn(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd.Start()
}
