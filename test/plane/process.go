package plane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const readyInterval = 20 * time.Millisecond

// process is a running "localplane up".
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	// err is how it ended; it is set when done is closed.
	err error
}

// startProcess starts the launcher, which writes to output.
func startProcess(path string, args []string, output io.Writer) (*process, error) {
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = output, output
	if err := Spawn(cmd); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// await returns when the plane is up, or why it never will be.
func (p *process) await(ctx context.Context, up func() bool) error {
	tick := time.NewTicker(readyInterval)
	defer tick.Stop()
	for !up() {
		select {
		case <-p.done:
			return fmt.Errorf("it did not come up: %w", p.err)
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// stop ends the plane in order and returns when it is gone. One that isn't gone
// in time is killed, and takes its components with it. Of one that ended before,
// its own output has said why.
func (p *process) stop(timeout time.Duration) error {
	select {
	case <-p.done:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the plane: %w", err)
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-p.done:
		if p.err != nil {
			return fmt.Errorf("the plane ended with %w", p.err)
		}
		return nil
	case <-timer.C:
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill the plane: %w", err)
	}
	<-p.done
	return fmt.Errorf("the plane did not stop in %v and was killed", timeout)
}
