//go:build !linux

package main

import (
	"os/exec"
	"syscall"
)

// tie keeps a Ctrl-C at the terminal from stopping all at once: they are stopped
// in order. Only Linux can tie a child to its parent's life.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
