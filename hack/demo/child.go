package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// child is a program that runs beside this one until it is stopped.
type child struct {
	name string
	// log is the file that gets all it prints.
	log  string
	cmd  *exec.Cmd
	done chan struct{}
	// err is how it ended; it is set when done is closed.
	err error
}

// startChild starts a program. It must be called on the main goroutine.
func startChild(name, log, path string, args ...string) (*child, error) {
	out, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("make the log of %s: %w", name, err)
	}
	defer out.Close() // the child has its own handle
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = out, out
	tie(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	c := &child{name: name, log: log, cmd: cmd, done: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// stop asks the child to end and returns when it has; one that takes too long
// is killed.
func (c *child) stop(grace time.Duration) error {
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", c.name, err)
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-c.done:
		if c.err != nil {
			return fmt.Errorf("%s ended with %w", c.name, c.err)
		}
		return nil
	case <-timer.C:
	}
	if err := c.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill %s: %w", c.name, err)
	}
	<-c.done
	return fmt.Errorf("%s did not stop in %v and was killed", c.name, grace)
}

// tail is the last lines that the child printed.
func (c *child) tail(lines int) []string {
	content, err := os.ReadFile(c.log)
	if err != nil {
		return []string{err.Error()}
	}
	all := strings.Split(strings.TrimRight(string(content), "\n"), "\n")
	return all[max(0, len(all)-lines):]
}
