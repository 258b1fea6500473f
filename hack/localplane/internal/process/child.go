// Package process starts, watches and stops child processes so that none
// outlives its parent: the kernel is asked to kill them with it where it can,
// and a record on disk lets the next parent find what is left where it can't.
// It knows nothing of what the children do.
package process

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Spec is what to start.
type Spec struct {
	// Name is what errors and files call it.
	Name string
	// Path and Args are the program and its arguments, without argv[0].
	Path string
	Args []string
	// Dir is its working directory.
	Dir string
	// Log is the file that gets its output, appended to.
	Log string
	// RecordDir keeps the record of the running process, for Sweep.
	RecordDir string
	// Env is its whole environment.
	Env []string
}

// Child is a process that was started.
type Child struct {
	name   string
	log    string
	record string
	cmd    *exec.Cmd
	done   chan struct{}
	err    error
}

// Start starts the process of spec in a process group of its own, so that a
// Ctrl-C at the terminal reaches its parent only, which stops things in order.
func Start(spec Spec) (*Child, error) {
	log, err := os.OpenFile(spec.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", spec.Name, err)
	}
	defer log.Close()

	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Dir, cmd.Env = spec.Dir, spec.Env
	cmd.Stdout, cmd.Stderr = log, log
	if err := spawn(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	c := &Child{
		name:   spec.Name,
		log:    spec.Log,
		record: filepath.Join(spec.RecordDir, spec.Name+recordSuffix),
		cmd:    cmd,
		done:   make(chan struct{}),
	}
	if err := writeRecord(c.record, cmd.Process.Pid); err != nil {
		// What could not be found again must not run.
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, fmt.Errorf("record %s: %w", spec.Name, err)
	}
	go c.wait()
	return c, nil
}

func (c *Child) wait() {
	c.err = c.cmd.Wait()
	_ = os.Remove(c.record)
	close(c.done)
}

// Name is the name it was started under.
func (c *Child) Name() string { return c.name }

// Pid is its process ID.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Done is closed when the process is gone.
func (c *Child) Done() <-chan struct{} { return c.done }

// Failure returns how the process ended and what it wrote last. It is to be asked
// after Done is closed.
func (c *Child) Failure() error {
	state := c.cmd.ProcessState.String()
	return fmt.Errorf("%s ended unasked (%s); its log is %s and ends with:\n%s", c.name, state, c.log, Tail(c.log))
}

// Log is the file that holds its output.
func (c *Child) Log() string { return c.log }

// Stop asks the process to end and returns when it is gone; one that is still
// there after the grace period is killed.
func (c *Child) Stop(grace time.Duration) error {
	if err := c.signal(syscall.SIGTERM); err != nil {
		return err
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		return nil
	case <-timer.C:
	}
	if err := c.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-c.done
	return nil
}

func (c *Child) signal(sig syscall.Signal) error {
	err := c.cmd.Process.Signal(sig)
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %v to %s: %w", sig, c.name, err)
	}
	return nil
}
