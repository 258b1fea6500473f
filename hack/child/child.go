// Package child runs programs beside this one that end with it, however it ends.
package child

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Process is a program that runs until it ends or is stopped.
type Process struct {
	// Done is closed when it has ended; Err is how, and Ended when.
	Done  chan struct{}
	Err   error
	Ended time.Time

	cmd *exec.Cmd
}

// Start starts a program, which writes all it prints to output.
func Start(path string, args []string, output io.Writer) (*Process, error) {
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = output, output
	if err := spawn(cmd); err != nil {
		return nil, err
	}
	p := &Process{cmd: cmd, Done: make(chan struct{})}
	go func() {
		p.Err = cmd.Wait()
		p.Ended = time.Now()
		close(p.Done)
	}()
	return p, nil
}

// Pid is the process's ID.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// ExitCode is that of a process that has ended.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

// Signal sends a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Kill ends the process, and returns when it has.
func (p *Process) Kill() error {
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", p.name(), err)
	}
	<-p.Done
	return nil
}

// Stop asks the process to end and returns when it has; one that takes longer
// than the timeout is killed. One that ended before has said why by itself.
func (p *Process) Stop(timeout time.Duration) error {
	select {
	case <-p.Done:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.name(), err)
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-p.Done:
		if p.Err != nil {
			return fmt.Errorf("%s ended with %w", p.name(), p.Err)
		}
		return nil
	case <-timer.C:
	}
	if err := p.Kill(); err != nil {
		return err
	}
	return fmt.Errorf("%s did not stop in %v and was killed", p.name(), timeout)
}

func (p *Process) name() string { return filepath.Base(p.cmd.Path) }
