//go:build !linux

package plane

import (
	"os/exec"
	"syscall"
)

// Spawn starts cmd. Outside Linux a plane outlives a test process that is
// killed with SIGKILL.
func Spawn(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd.Start()
}
