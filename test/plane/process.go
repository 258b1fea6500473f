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

// startProcess starts the launcher and returns when it has written readyFile.
func startProcess(ctx context.Context, path string, args []string, readyFile string, progress io.Writer) (*process, error) {
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = progress, progress
	if err := spawn(cmd); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	tick := time.NewTicker(readyInterval)
	defer tick.Stop()
	for {
		if _, err := os.Stat(readyFile); err == nil {
			return p, nil
		}
		select {
		case <-p.done:
			return nil, fmt.Errorf("the plane did not come up: %w", p.err)
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), p.stop(stopTimeout))
		case <-tick.C:
		}
	}
}

// stop ends the plane in order and returns when it is gone. One that isn't gone
// in time is killed, and takes its components with it.
func (p *process) stop(timeout time.Duration) error {
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
