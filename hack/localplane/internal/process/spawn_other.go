//go:build !linux

package process

import (
	"os/exec"
	"syscall"
)

// spawn starts cmd. Outside Linux nothing ties it to this process's life: what
// a killed parent leaves is found by the next Sweep.
func spawn(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd.Start()
}
