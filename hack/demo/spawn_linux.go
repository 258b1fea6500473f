package main

import (
	"os/exec"
	"syscall"
)

// tie has the kernel ask a child to stop when this process dies, however it
// dies. A process group of its own keeps a Ctrl-C at the terminal from stopping
// all at once: they are stopped in order.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
