package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	// stopGrace is longer than a child takes that has to end others first.
	stopGrace = 60 * time.Second
	// tailLines is how much of the manager's log a failure shows.
	tailLines = 15
)

// play is what is shown once all is set up.
type play func(context.Context, *stage) error

// perform sets up the stage, runs a play on it and cleans up. Errors are reported before it
// returns.
func perform(ctx context.Context, s *screen, p programs, show play) error {
	dir, err := os.MkdirTemp("", "xos-demo-")
	if err != nil {
		err = fmt.Errorf("make a directory: %w", err)
		s.say("", s.paint(red, err.Error()))
		return err
	}
	st := &stage{screen: s, programs: p, dir: dir}
	ctx, cancel := context.WithCancelCause(ctx)
	st.fail = cancel

	err = st.set(ctx)
	if err == nil {
		err = show(ctx, st)
	}
	// A child that died says more than the wait that it broke off.
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errDied) && !errors.Is(err, errDied) {
		err = fmt.Errorf("%w (%w)", err, cause)
	}
	interrupted := err != nil && ctx.Err() != nil && !errors.Is(err, errDied)
	switch {
	case interrupted:
		s.say("", "interrupted")
	case err != nil:
		st.explain(err)
	}
	stopped := s.step("everything stopped", st.clear)
	if stopped != nil || (err != nil && !interrupted) {
		s.say("", s.paint(red, "failed")+": the logs are kept in "+dir)
		return errors.Join(err, stopped)
	}
	if err := os.RemoveAll(dir); err != nil {
		s.say("", s.paint(red, err.Error()))
		return err
	}
	return err
}

// explain reports what failed, and what the manager said before that.
func (st *stage) explain(err error) {
	s := st.screen
	s.say("", s.paint(red, "failed: ")+err.Error())
	teller := st.manager
	if teller == nil {
		teller = st.plane
	}
	if teller == nil {
		return
	}
	s.say("", fmt.Sprintf("the last lines of %s:", teller.log))
	for _, line := range teller.tail(tailLines) {
		s.say("  " + line)
	}
	s.say("")
}

// clear stops what was started, in the reverse order.
func (st *stage) clear() error {
	var errs []error
	if st.events != nil {
		st.events.stop()
	}
	for _, c := range []*logged{st.manager, st.plane} {
		if c == nil {
			continue
		}
		// That of one which ended by itself counts too.
		select {
		case <-c.Done:
			errs = append(errs, c.Err)
		default:
			errs = append(errs, c.Stop(stopGrace))
		}
	}
	return errors.Join(errs...)
}

func (st *stage) path(elements ...string) string {
	return filepath.Join(append([]string{st.dir}, elements...)...)
}
